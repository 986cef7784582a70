"use strict";
(() => {
  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  // Of an interval or a list the first number counts.
  const number = (text) => {
    const [first] = text.replace(/−/g, "-").split(/…|, /);
    const found = Number(first.replace(/[%\s]/g, ""));
    return first.trim() === "" || Number.isNaN(found) ? null : found;
  };

  // A click on the head of a column sorts by it. Rows without a value come last.
  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const body = table.tBodies[0];
      const rows = [...body.rows].map((row) => [row, row.cells[column].textContent]);
      const numeric = rows.every(([, text]) => ["", "–"].includes(text.trim()) || number(text) !== null);
      const compare = (a, b) => numeric ? number(a) - number(b) : a.localeCompare(b, "en", { numeric: true });
      const absent = (text) => text.trim() === "" || text.trim() === "–";
      rows.sort(([, a], [, b]) => absent(a) - absent(b) || (absent(a) ? 0 : (down ? -1 : 1) * compare(a, b)));
      body.append(...rows.map(([row]) => row));
    }));
  };
  document.querySelectorAll("table.sortable").forEach(sortable);

  // The table of means shows one metric at a time.
  const chooser = document.getElementById("metric");
  if (chooser) {
    const summary = JSON.parse(document.querySelector("script.summary").textContent);
    const body = document.querySelector("#table tbody");
    const meaning = document.getElementById("meaning");
    const show = (fill) => {
      const metric = summary.metrics.find((one) => one.name === chooser.value);
      meaning.textContent = metric.meaning ? `${metric.name}: ${metric.meaning}.` : "";
      if (!fill) return;
      document.querySelectorAll("#table th").forEach((head) => head.removeAttribute("aria-sort"));
      body.replaceChildren(...metric.rows.map((numbers, i) => {
        const row = make("tr");
        summary.points[i].forEach((text) => row.append(make("td", text, "word")));
        numbers.forEach((text) => row.append(make("td", text, "number")));
        return row;
      }));
    };
    chooser.addEventListener("change", () => show(true));
    show(chooser.selectedIndex !== [...chooser.options].findIndex((option) => option.defaultSelected));
  }

  // The values of a figure's points, for the pointer, the keyboard, and as a table.
  const PANEL = 2, CURVE = 3, X = 4, MEAN = 5, BAND = 6, N = 7, FIVE = 8;
  const figure = (element) => {
    const plot = element.querySelector(".plot");
    const svg = plot.querySelector("svg");
    const tip = plot.querySelector(".tip");
    const chart = JSON.parse(element.querySelector("script.points").textContent);
    const { points } = chart;
    const size = svg.viewBox.baseVal;
    const ring = make("div", undefined, "ring");
    let at = -1;
    const words = (point) => {
      const lines = [];
      const panel = chart.panels[point[PANEL]];
      const curve = chart.curves[point[CURVE]];
      if (panel) lines.push(panel);
      if (curve) lines.push(curve);
      lines.push(`${chart.axes[0]}: ${point[X]}`, `${chart.axes[1]}: ${point[MEAN]}`);
      if (point[BAND]) lines.push(`95 % interval: ${point[BAND]}`);
      if (point[FIVE]) lines.push(`least, quartiles, greatest: ${point[FIVE]}`);
      if (point[N]) lines.push(`n = ${point[N]}`);
      return lines.join("\n");
    };
    const hide = () => { at = -1; tip.textContent = ""; ring.remove(); };
    const show = (index) => {
      if (index === at) return;
      at = index;
      const point = points[index];
      const box = svg.getBoundingClientRect();
      const [x, y] = [point[0] / size.width * box.width, point[1] / size.height * box.height];
      ring.style.left = `${x}px`;
      ring.style.top = `${y}px`;
      plot.append(ring);
      tip.textContent = words(point);
      const left = Math.min(Math.max(0, x + 14), Math.max(0, box.width - tip.offsetWidth));
      tip.style.left = `${left}px`;
      const below = y + 14, above = y - 14 - tip.offsetHeight;
      tip.style.top = `${below + tip.offsetHeight > box.height && above >= 0 ? above : below}px`;
    };
    const nearest = (event) => {
      const box = svg.getBoundingClientRect();
      const [x, y] = [(event.clientX - box.left) / box.width * size.width, (event.clientY - box.top) / box.height * size.height];
      let best = -1, least = 30 * 30;
      points.forEach((point, i) => {
        const distance = (point[0] - x) ** 2 + (point[1] - y) ** 2;
        if (distance < least) [best, least] = [i, distance];
      });
      if (best < 0) hide(); else show(best);
    };
    svg.addEventListener("pointermove", nearest);
    svg.addEventListener("pointerdown", nearest);
    // A finger leaves at once: what it has touched stays.
    svg.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hide(); });
    plot.addEventListener("blur", hide);
    const same = (i, j) => points[i][PANEL] === points[j][PANEL] && points[i][CURVE] === points[j][CURVE];
    const other = (step) => {
      let i = at;
      while (i >= 0 && i < points.length && same(i, at)) i += step;
      if (i < 0 || i >= points.length) return at;
      let best = i;
      for (let j = i; j >= 0 && j < points.length && same(i, j); j += step) {
        if (Math.abs(points[j][0] - points[at][0]) < Math.abs(points[best][0] - points[at][0])) best = j;
      }
      return best;
    };
    plot.addEventListener("keydown", (event) => {
      if (points.length === 0) return;
      const last = points.length - 1;
      const moves = {
        ArrowRight: () => Math.min(at + 1, last), ArrowLeft: () => Math.max(at - 1, 0),
        ArrowDown: () => at < 0 ? 0 : other(1), ArrowUp: () => at < 0 ? 0 : other(-1),
        Home: () => 0, End: () => last,
      };
      if (event.key === "Escape") hide();
      else if (moves[event.key]) { event.preventDefault(); show(moves[event.key]()); }
    });
    const values = element.querySelector(".values");
    values.addEventListener("toggle", () => {
      if (!values.open || values.querySelector("table")) return;
      const region = make("div", undefined, "scroll");
      region.tabIndex = 0;
      region.setAttribute("role", "region");
      region.setAttribute("aria-label", `Values of ${element.querySelector("h3").textContent}`);
      const table = make("table", undefined, "sortable");
      const columns = [[chart.panels.length, "panel", (p) => chart.panels[p[PANEL]], "word"],
        [chart.curves.length, "curve", (p) => chart.curves[p[CURVE]], "word"],
        [1, chart.axes[0], (p) => p[X], "number"], [1, chart.axes[1], (p) => p[MEAN], "number"],
        [points.some((p) => p[BAND]), "95 % interval", (p) => p[BAND] || "", "number"],
        [points.some((p) => p[FIVE]), "least, quartiles, greatest", (p) => p[FIVE] || "", "number"],
        [1, "n", (p) => p[N] || "", "number"]].filter(([there]) => there);
      const head = table.createTHead().insertRow();
      columns.forEach(([, name, , kind]) => {
        const cell = make("th", undefined, kind);
        cell.scope = "col";
        const button = make("button", name);
        button.type = "button";
        cell.append(button);
        head.append(cell);
      });
      const body = table.createTBody();
      points.forEach((point) => {
        const row = body.insertRow();
        columns.forEach(([, , text, kind]) => row.append(make("td", text(point), kind)));
      });
      region.append(table);
      values.append(region);
      sortable(table);
    });
  };
  document.querySelectorAll("figure").forEach(figure);
})();
