// The contact sheet with a script: rows are sorted and filtered in the page, and cards are fetched into their places.
// Without it the same buttons send back what the page carries and get the page anew. A page that reads in the browser
// makes cards itself: its event "result" has detail.cardOf, from the number of a face to the card's element.
(() => {
  "use strict";

  const setUp = (sheet, form, cardOf, signal) => {
    const body = sheet.querySelector("tbody");
    const status = sheet.querySelector("[data-sheet-status]");
    const several = sheet.hasAttribute("data-several");
    const kept = {sort: {value: "face"}, show: {value: "all"}};
    const state = (name) => form?.querySelector(`[name="${name}"]`) ?? kept[name];
    const openCard = (row) => (row.nextElementSibling?.classList.contains("card-row") ? row.nextElementSibling : null);
    // What a filter without a script left out is not in the page, so that the server has to make it again.
    const whole = state("show").value === "all";
    const rows = [...body.querySelectorAll(".face-row")];
    const firstPlaces = new Map(
      [...rows].sort((one, other) => place(one) - place(other)).map((row, index) => [row, index]),
    );

    function place(row) {
      const [photo, number] = row.dataset.key.split("-").map(Number);
      return photo * 1000 + number;
    }

    const ORDERS = {
      face: (one, other) => firstPlaces.get(one) - firstPlaces.get(other),
      answer: (one, other) => {
        const unsure = (row) => Number(row.dataset.answer === "not sure");
        return unsure(one) - unsure(other) || one.dataset.answer.localeCompare(other.dataset.answer, "en")
          || other.dataset.sure - one.dataset.sure;
      },
      sure: (one, other) => one.dataset.sure - other.dataset.sure,
    };

    const sort = (order) => {
      const column = order.replace("-", "");
      const way = order.startsWith("-") ? -1 : 1;
      rows.sort((one, other) => way * ORDERS[column](one, other) || ORDERS.face(one, other));
      for (const row of rows) {
        const card = openCard(row);
        body.append(row);
        if (card) body.append(card);
      }
      state("sort").value = order;
      for (const head of sheet.querySelectorAll("[data-column]")) {
        const name = head.dataset.column;
        const mine = name === column;
        head.setAttribute("aria-sort", mine ? (way < 0 ? "descending" : "ascending") : "none");
        const first = name === "sure" ? "-sure" : name;
        head.querySelector("button").value = mine && order === first ? (first[0] === "-" ? name : `-${name}`) : first;
      }
    };

    const show = (kind) => {
      let count = 0;
      for (const row of rows) {
        const shown = kind === "all" || row.dataset.kind === kind;
        count += shown;
        row.hidden = !shown;
        const card = openCard(row);
        if (card) card.hidden = !shown;
      }
      state("show").value = kind;
      for (const chip of sheet.querySelectorAll("[data-tally] button")) {
        chip.setAttribute("aria-pressed", String(chip.value === kind));
      }
      status.textContent = kind === "all" ? `All ${count} faces are shown.` : `${count} of ${rows.length} faces are shown.`;
    };

    // Of several photos, each card's buttons belong to a form with that photo alone.
    const formFor = (photo) => {
      if (!several) return form;
      const name = `photo-${photo}-data`;
      let own = document.getElementById(name);
      if (!own) {
        own = form.cloneNode(false);
        own.id = name;
        const images = form.querySelectorAll('[name="image"]');
        for (const field of [state("csrf_token"), state("result"), images[photo - 1]]) own.append(field.cloneNode());
        const number = Object.assign(document.createElement("input"), {type: "hidden", name: "photo", value: photo});
        own.append(number);
        form.after(own);
      }
      return own;
    };

    const mark = (row, open) => {
      const button = row.querySelector("[data-open]");
      button.setAttribute("aria-expanded", String(open));
      button.firstChild.data = open ? "Close" : "Open";
      // The box on the photo leads to the card, or to the row that has none.
      row.id = row.id.replace(/-row$/, "") + (open ? "-row" : "");
    };

    const putIn = (row, card) => {
      const line = document.createElement("tr");
      line.className = "card-row";
      line.hidden = row.hidden;
      const cell = line.insertCell();
      cell.colSpan = row.cells.length;
      mark(row, true);
      cell.append(document.adoptNode(card));
      row.after(line);
      card.dispatchEvent(new CustomEvent("card", {bubbles: true}));
    };

    // The cards of some faces of one photo; throws where the server has an objection.
    const fetchCards = async (wanted) => {
      if (cardOf) return wanted.map((row) => [row, cardOf(Number(row.dataset.key.split("-")[1]))]);
      const numbers = new Map(wanted.map((row) => [row.dataset.key.split("-")[1], row]));
      const fields = new FormData(formFor(wanted[0].dataset.key.split("-")[0]));
      fields.delete("face");
      for (const number of numbers.keys()) fields.append("face", number);
      const answer = await fetch(sheet.dataset.card, {method: "POST", body: fields});
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      return [...page.querySelectorAll("article.face")].map((card) => [numbers.get(card.id.split("-").pop()), card]);
    };

    const open = async (row) => {
      const button = row.querySelector("[data-open]");
      if (button.getAttribute("aria-busy")) return null;
      button.setAttribute("aria-busy", "true");
      try {
        const [[, card]] = await fetchCards([row]);
        putIn(row, card);
        return card;
      } catch (error) {
        if (!form) throw error;
        // The server says why: the page is sent as without a script.
        button.dataset.plain = "true";
        button.click();
        return null;
      } finally {
        button.removeAttribute("aria-busy");
      }
    };

    const openAll = async () => {
      const closed = rows.filter((row) => !row.hidden && !openCard(row));
      const photos = new Map();
      for (const row of closed) {
        const photo = row.dataset.key.split("-")[0];
        photos.set(photo, [...(photos.get(photo) ?? []), row]);
      }
      status.textContent = `Opening ${closed.length} cards …`;
      try {
        for (const wanted of photos.values()) for (const [row, card] of await fetchCards(wanted)) putIn(row, card);
        status.textContent = "All cards are open.";
      } catch {
        status.textContent = "Not all cards can be opened now. Wait a minute, or open them one by one.";
      }
    };

    const close = (row) => {
      openCard(row).remove();
      mark(row, false);
    };

    sheet.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button || button.dataset.plain) return;
      const row = button.closest(".face-row");
      if (button.hasAttribute("data-open")) {
        event.preventDefault();
        if (openCard(row)) close(row);
        else open(row);
      } else if (button.name === "sort") {
        event.preventDefault();
        sort(button.value);
      } else if (button.name === "show" && whole) {
        event.preventDefault();
        show(button.value);
      }
    });

    const all = sheet.querySelector("[data-open-all]");
    all.hidden = false;
    all.addEventListener("click", (event) => event.target.closest("button") && openAll());

    const follow = async () => {
      const row = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
      if (!row || !rows.includes(row)) return;
      if (row.hidden) show("all");
      const card = openCard(row) ? null : await open(row);
      card?.scrollIntoView({block: "nearest"});
    };
    window.addEventListener("hashchange", follow, {signal});
  };

  const sheet = document.querySelector("[data-sheet]");
  const form = document.getElementById("result-data");
  if (sheet && form) setUp(sheet, form);

  let shown = new AbortController();
  document.addEventListener("result", ({target, detail}) => {
    shown.abort();
    shown = new AbortController();
    const made = target.querySelector("[data-sheet]");
    if (made) setUp(made, null, detail.cardOf, shown.signal);
  });
})();
