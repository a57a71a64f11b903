"""Jinja templates as data: the macros of the results page, for static/js/browser/templates.js to fill in.

Jinja's own parser makes the syntax tree, so that the card is written once, in ``templates/``. A node is a list of its
kind and its parts, a string is text; whatever has no entry here raises TypeError, and a test asks for all templates
that are shipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import Environment, nodes

Data = Any  # Of JSON.
AddressOf = Callable[..., str]


def ship(environment: Environment, names: Iterable[str], address_of: AddressOf) -> dict[str, Data]:
    """Return the templates ``names`` and those that they import or include, by name.

    ``address_of`` is Flask's ``url_for``, for the addresses that are written out in the templates.
    """
    shipped: dict[str, Data] = {}
    wanted = list(names)
    while wanted:
        name = wanted.pop()
        if name in shipped:
            continue
        if environment.loader is None:
            raise ValueError("the environment has no loader")
        source = environment.loader.get_source(environment, name)[0]
        tree = environment.parse(source)
        shipped[name] = _Writer(address_of).block(tree.body)
        imports: list[nodes.Import | nodes.FromImport | nodes.Include] = [
            *tree.find_all(nodes.Import),
            *tree.find_all(nodes.FromImport),
            *tree.find_all(nodes.Include),
        ]
        wanted += [node.template.as_const() for node in imports]
    return shipped


class _Writer:
    """Writes nodes as lists."""

    def __init__(self, address_of: AddressOf) -> None:
        self._address_of = address_of

    def block(self, body: Iterable[nodes.Node]) -> list[Data]:
        return [part for node in body for part in self._statement(node)]

    def _statement(self, node: nodes.Node) -> list[Data]:
        match node:
            case nodes.Output():
                return [
                    each.data if isinstance(each, nodes.TemplateData) else ["out", self._value(each)]
                    for each in node.nodes
                ]
            case nodes.If():
                branches = [[self._value(node.test), self.block(node.body)]]
                branches += [[self._value(each.test), self.block(each.body)] for each in node.elif_]
                return [["if", branches, self.block(node.else_)]]
            case nodes.For():
                test = None if node.test is None else self._value(node.test)
                target, values = self._target(node.target), self._value(node.iter)
                return [["for", target, values, test, self.block(node.body), self.block(node.else_)]]
            case nodes.Assign():
                return [["set", self._target(node.target), self._value(node.node)]]
            case nodes.AssignBlock() if node.filter is None:
                return [["capture", self._target(node.target), self.block(node.body)]]
            case nodes.Macro():
                return [["macro", node.name, *self._signature(node)]]
            case nodes.CallBlock():
                return [["call", self._value(node.call), *self._signature(node)]]
            case nodes.Import():
                return [["import", node.template.as_const(), node.target]]
            case nodes.Include() if isinstance(node.template, nodes.Const):
                return [["include", node.template.as_const()]]
            case nodes.FromImport():
                pairs = [[each, each] if isinstance(each, str) else list(each) for each in node.names]
                return [["from", node.template.as_const(), pairs]]
        raise TypeError(f"line {node.lineno}: {type(node).__name__} is not written for the browser")

    def _signature(self, node: nodes.Macro | nodes.CallBlock) -> list[Data]:
        """Return [parameters, defaults of the last ones, body]."""
        return [
            [each.name for each in node.args],
            [self._value(each) for each in node.defaults],
            self.block(node.body),
        ]

    def _target(self, node: nodes.Node) -> Data:
        if isinstance(node, nodes.Tuple):
            return [self._target(each) for each in node.items]
        if isinstance(node, nodes.Name):
            return node.name
        if isinstance(node, nodes.NSRef):
            return {"of": node.name, "name": node.attr}
        raise TypeError(f"line {node.lineno}: {type(node).__name__} cannot be set in the browser")

    def _values(self, given: Iterable[nodes.Expr]) -> list[Data]:
        return [self._value(each) for each in given]

    def _arguments(self, node: nodes.Call | nodes.Filter | nodes.Test) -> list[Data]:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise TypeError(f"line {node.lineno}: * and ** are not written for the browser")
        return [self._values(node.args), {pair.key: self._value(pair.value) for pair in node.kwargs}]

    def _value(self, node: nodes.Node | None) -> Data:
        match node:
            case None:
                return ["const", None]
            case nodes.Const():
                return ["const", node.value]
            case nodes.Name():
                return ["name", node.name]
            case nodes.Getattr():
                return ["item", self._value(node.node), ["const", node.attr]]
            case nodes.Getitem() if isinstance(node.arg, nodes.Slice):
                ends = [self._value(node.arg.start), self._value(node.arg.stop)]
                return ["slice", self._value(node.node), *ends]
            case nodes.Getitem():
                return ["item", self._value(node.node), self._value(node.arg)]
            case nodes.Call():
                return self._call(node)
            case nodes.Filter() | nodes.Test():
                kind = "filter" if isinstance(node, nodes.Filter) else "test"
                return [kind, node.name, self._value(node.node), *self._arguments(node)]
            case nodes.Compare():
                pairs = [[each.op, self._value(each.expr)] for each in node.ops]
                return ["compare", self._value(node.expr), pairs]
            case nodes.CondExpr():
                return ["either", self._value(node.test), self._value(node.expr1), self._value(node.expr2)]
            case nodes.Not() | nodes.Neg() | nodes.Pos():
                return [type(node).__name__.lower(), self._value(node.node)]
            case nodes.BinExpr():
                return [type(node).__name__.lower(), self._value(node.left), self._value(node.right)]
            case nodes.Concat():
                return ["concat", self._values(node.nodes)]
            case nodes.List() | nodes.Tuple():
                return ["list", self._values(node.items)]
            case nodes.Dict():
                return ["dict", [[self._value(each.key), self._value(each.value)] for each in node.items]]
        raise TypeError(f"line {node.lineno}: {type(node).__name__} is not written for the browser")

    def _call(self, node: nodes.Call) -> Data:
        """Return a call; addresses that stand in the template are looked up here."""
        if isinstance(node.node, nodes.Name) and node.node.name == "url_for":
            try:
                given = [each.as_const() for each in node.args]
                return [
                    "const",
                    self._address_of(*given, **{each.key: each.value.as_const() for each in node.kwargs}),
                ]
            except nodes.Impossible:
                pass
        return ["apply", self._value(node.node), *self._arguments(node)]
