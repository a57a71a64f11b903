// The site's own Jinja macros, filled in here: webapp/presenters/in_browser/templates.py writes their syntax trees, so
// that the card of a face is written once. What is put out is escaped unless it is Markup, as Jinja does.
import * as words from "./words.js";

export class Markup {
  constructor(text) { this.text = text; }
  toString() { return this.text; }
}

const ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"};
const text = (value) => {
  if (value === undefined) return "";
  if (value === null) return "None";
  return typeof value === "boolean" ? (value ? "True" : "False") : String(value);
};
const escaped = (value) => value instanceof Markup ? value.text : text(value).replace(/[&<>'"]/g, (sign) => ENTITIES[sign]);

/** Whether Python takes it for true. */
export const truth = (value) => {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value) || typeof value === "string") return value.length > 0;
  if (value instanceof Markup) return value.text.length > 0;
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) return Object.keys(value).length > 0;
  return Boolean(value);
};

const contains = (whole, part) =>
  Array.isArray(whole) || typeof whole === "string" ? whole.includes(part) : part in (whole ?? {});
const equal = (a, b) => a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, place) => equal(each, b[place])))
  || ((a ?? null) === null && (b ?? null) === null);
const COMPARE = {
  eq: equal,
  ne: (a, b) => !equal(a, b),
  lt: (a, b) => a < b,
  lteq: (a, b) => a <= b,
  gt: (a, b) => a > b,
  gteq: (a, b) => a >= b,
  in: (a, b) => contains(b, a),
  notin: (a, b) => !contains(b, a),
};
const COUNT = {
  add: (a, b) => Array.isArray(a) ? [...a, ...b] : a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  floordiv: (a, b) => Math.floor(a / b),
  mod: (a, b) => ((a % b) + b) % b,
};
const TESTS = {
  none: (value) => value === null || value === undefined,
  defined: (value) => value !== undefined,
  undefined: (value) => value === undefined,
};
const METHODS = {
  items: (value) => Object.entries(value),
  keys: (value) => Object.keys(value),
  values: (value) => Object.values(value),
  get: (value, key, ...others) => Object.hasOwn(value, key) ? value[key] : others.length > 1 ? others[0] : undefined,
  startswith: (value, start) => value.startsWith(start),
};

/** A part of a value: Python's attribute, key or place; undefined where there is none. */
function part(value, key) {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Scope) return value.get(key);
  if (Array.isArray(value) && typeof key === "number") return value.at(key);
  const found = value[key];
  if (found !== undefined) return typeof found === "function" ? found.bind(value) : found;
  return Object.hasOwn(METHODS, key) ? (...given) => METHODS[key](value, ...given) : undefined;
}

/** What Jinja's templates know of themselves. */
const BUILT_IN = {
  range: (...given) => {
    const [first, end] = given.length > 2 ? given : [0, given[0]];
    return Array.from({length: Math.max(0, end - first)}, (_, place) => first + place);
  },
  namespace: (values) => ({...values}),
};

export const FILTERS = {
  ...words.FILTERS,
  abs: Math.abs,
  list: (value) => Array.isArray(value) ? value : [...(value ?? [])],
  length: (value) => value?.length ?? Object.keys(value ?? {}).length,
  join: (value, between = "") => new Markup(value.map(escaped).join(escaped(between))),
  trim: (value) => value instanceof Markup ? new Markup(value.text.trim()) : text(value).trim(),
  format: (pattern, ...given) => words.format(text(pattern), given),
  selectattr: (value, name) => value.filter((each) => truth(part(each, name))),
  rejectattr: (value, name) => value.filter((each) => !truth(part(each, name))),
  round: (value, digits = 0) => Number(words.fixed(value, digits)),
  lower: (value) => text(value).toLowerCase(),
  capitalize: (value) => words.capitalized(text(value)),
  first: (value) => value?.[0],
  last: (value) => value?.at(-1),
  sum: (value) => value.reduce((sum, each) => sum + each, 0),
  safe: (value) => new Markup(text(value)),
  default: (value, other) => value === undefined ? other : value,
};

/** Names and their values; a name that is not here is looked for in the scope around it. */
class Scope {
  constructor(outer, values = {}) { Object.assign(this, {outer, values: new Map(Object.entries(values))}); }
  get(name) { return this.values.has(name) ? this.values.get(name) : this.outer?.get(name); }
  set(target, value) {
    if (typeof target === "string") return this.values.set(target, value);
    if (!Array.isArray(target)) return void (this.get(target.of)[target.name] = value);
    const each = [...value];
    target.forEach((name, place) => this.set(name, each[place]));
  }
}

export class Templates {
  #trees;
  #modules = new Map();
  #globals;
  #filters;

  /** `trees` as they were written; `globals` are the names that every template knows, `filters` more of those. */
  constructor(trees, globals, filters = {}) {
    this.#trees = trees;
    this.#filters = {...FILTERS, ...filters};
    this.#globals = new Scope(null, {...BUILT_IN, ...globals});
  }

  /** The HTML, a string, of a macro of a template for these values. */
  render(template, macro, ...given) {
    const found = this.#module(template).get(macro);
    if (!found) throw new ReferenceError(`${template} has no macro ${macro}`);
    return String(found({args: given, named: {}}));
  }

  /** The HTML of a whole template, in which these names are known. */
  page(template, names) {
    return this.#block(this.#trees[template], new Scope(this.#globals, names));
  }

  #module(name) {
    if (!this.#modules.has(name)) {
      if (!this.#trees[name]) throw new ReferenceError(`there is no template ${name}`);
      const scope = new Scope(this.#globals);
      this.#modules.set(name, scope);
      this.#block(this.#trees[name], scope);
    }
    return this.#modules.get(name);
  }

  #block(body, scope) {
    return body.map((node) => typeof node === "string" ? node : this.#statement(node, scope)).join("");
  }

  #statement([kind, ...parts], scope) {
    switch (kind) {
      case "out": return escaped(this.#value(parts[0], scope));
      case "if": return this.#block(parts[0].find(([test]) => truth(this.#value(test, scope)))?.[1] ?? parts[1], scope);
      case "for": return this.#loop(parts, scope);
      case "set": scope.set(parts[0], this.#value(parts[1], scope)); return "";
      case "capture": scope.set(parts[0], new Markup(this.#block(parts[1], scope))); return "";
      case "macro": scope.set(parts[0], this.#macro(parts.slice(1), scope)); return "";
      case "include": return this.#block(this.#trees[parts[0]], scope);
      case "import": scope.set(parts[1], this.#module(parts[0])); return "";
      case "from": parts[1].forEach(([name, here]) => scope.set(here, this.#module(parts[0]).get(name))); return "";
      case "call": {
        const caller = this.#macro(parts.slice(1), scope);
        return escaped(this.#value(parts[0], new Scope(scope, {"call block": caller})));
      }
    }
    throw new TypeError(`unknown statement ${kind}`);
  }

  #loop([target, values, test, body, otherwise], scope) {
    const inner = (value) => {
      const own = new Scope(scope);
      own.set(target, value);
      return own;
    };
    const all = FILTERS.list(this.#value(values, scope)).filter((value) => !test || truth(this.#value(test, inner(value))));
    if (!all.length) return this.#block(otherwise, scope);
    return all.map((value, place) => {
      const own = inner(value);
      own.set("loop", {index: place + 1, index0: place, first: place === 0, last: place === all.length - 1, length: all.length});
      return this.#block(body, own);
    }).join("");
  }

  #macro([names, defaults, body], scope) {
    return ({args, named, caller}) => {
      const own = new Scope(scope, caller ? {caller} : {});
      names.forEach((name, place) => {
        if (place < args.length) return own.set(name, args[place]);
        if (name in named) return own.set(name, named[name]);
        const preset = defaults[place - names.length + defaults.length];
        own.set(name, preset && this.#value(preset, own));
      });
      return new Markup(this.#block(body, own));
    };
  }

  #apply([callee, args, named], scope) {
    const given = args.map((each) => this.#value(each, scope));
    const byName = Object.fromEntries(Object.entries(named).map(([name, each]) => [name, this.#value(each, scope)]));
    const [kind, owner, key] = callee;
    const module = kind === "item" && this.#value(owner, scope);
    const own = module instanceof Scope;
    const called = own ? module.get(key[1]) : this.#value(callee, scope);
    if (typeof called !== "function") throw new TypeError(`${JSON.stringify(callee)} cannot be called`);
    // Macros are told from the values' own functions by where they come from.
    const isMacro = own || (kind === "name" && !this.#globals.values.has(owner));
    return isMacro ? called({args: given, named: byName, caller: scope.values.get("call block")}) : called(...given, byName);
  }

  #value(node, scope) {
    const [kind, ...parts] = node;
    const value = (each) => this.#value(each, scope);
    switch (kind) {
      case "const": return parts[0];
      case "name": return scope.get(parts[0]);
      case "item": return part(value(parts[0]), value(parts[1]));
      case "slice": return value(parts[0]).slice(value(parts[1]) ?? 0, value(parts[2]) ?? undefined);
      case "apply": return this.#apply(parts, scope);
      case "filter": return named(this.#filters, parts[0], "filter")(value(parts[1]), ...parts[2].map(value), ...Object.values(parts[3]).map(value));
      case "test": return named(TESTS, parts[0], "test")(value(parts[1]), ...parts[2].map(value));
      case "compare": return this.#compare(value(parts[0]), parts[1], scope);
      case "either": return truth(value(parts[0])) ? value(parts[1]) : value(parts[2]);
      case "not": return !truth(value(parts[0]));
      case "neg": return -value(parts[0]);
      case "and": { const first = value(parts[0]); return truth(first) ? value(parts[1]) : first; }
      case "or": { const first = value(parts[0]); return truth(first) ? first : value(parts[1]); }
      case "concat": return concat(parts[0].map(value));
      case "list": return parts[0].map(value);
      case "dict": return Object.fromEntries(parts[0].map(([key, each]) => [value(key), value(each)]));
    }
    return named(COUNT, kind, "operation")(value(parts[0]), value(parts[1]));
  }

  #compare(first, pairs, scope) {
    let left = first;
    return pairs.every(([sign, each]) => {
      const right = this.#value(each, scope);
      const holds = named(COMPARE, sign, "comparison")(left, right);
      left = right;
      return holds;
    });
  }
}

function named(table, name, what) {
  if (!Object.hasOwn(table, name)) throw new TypeError(`there is no ${what} ${name}`);
  return table[name];
}

function concat(values) {
  return values.some((each) => each instanceof Markup) ? new Markup(values.map(escaped).join("")) : values.map(text).join("");
}
