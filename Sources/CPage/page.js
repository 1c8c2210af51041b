// Shows what the daemon tells once a second. Names of models come from outside: they are only ever set as text.
(() => {
  const byId = id => document.getElementById(id);
  const maxPoints = 180;
  let points = [];

  const charts = [
    ["calls", { title: "Calls per second", series: [1], least: 0.1, tick: format.short, read: n => format.significant(n) + "/s" }],
    ["failed", { title: "Share of failed calls", series: [2], least: 0.02, tick: n => format.short(n * 100) + "%", read: format.percent }],
    ["latency", {
      title: "95th percentile of latency", series: [4, 3], least: 0.1, read: format.seconds,
      tick: n => n > 0 && n < 1 ? format.short(n * 1000) + space + "ms" : format.short(n) + space + "s",
    }],
    ["cost", { title: "Cost per hour", series: [5], least: 0.001, tick: n => "$" + format.short(n), read: format.perHour }],
  ].map(([id, options]) => new Chart(byId(id), options, index => charts.forEach(chart => chart.pick(index))));

  function set(id, text, state = "") {
    const element = byId(id);
    if (element.textContent !== text) element.textContent = text;
    if (element.className !== state) element.className = state;
  }

  function cell(text, name = "") {
    const element = document.createElement("td");
    element.setAttribute("role", "cell");
    element.className = name;
    element.textContent = text;
    return element;
  }

  function share(part) {
    const bar = document.createElement("span");
    bar.className = "share";
    const filled = document.createElement("span");
    filled.style.width = (100 * part).toFixed(1) + "%";
    bar.append(filled);
    return bar;
  }

  function showStatus(now) {
    const status = now.status;
    byId("state").className = "state " + (status.ready ? "good" : "bad");
    set("state-text", status.ready ? "Ready" : "Not ready");
    const dropped = status.dropped + status.kernel_dropped;
    set("listeners", `${status.listeners_up} of ${status.listeners} up`, status.listeners_up < status.listeners ? "bad" : "good");
    set("dropped", format.count(dropped), dropped > 0 ? "bad" : "good");
    set("rejected", format.count(status.rejected), status.rejected > 0 ? "warn" : "good");
    set("unpriced", format.count(now.total.unpriced), now.total.unpriced > 0 ? "warn" : "good");
    set("series", format.count(status.series));
    set("up", format.span(now.up_seconds));
    byId("obstacles").replaceChildren(...status.obstacles.map(text => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
  }

  function modelRow(model, dollarsPerHour) {
    const row = document.createElement("tr");
    row.setAttribute("role", "row");
    const name = cell(model.model ?? "all others");
    const provider = document.createElement("small");
    provider.textContent = model.provider ?? "";
    name.append(provider, share(dollarsPerHour > 0 ? model.dollars_per_hour / dollarsPerHour : 0));
    const failed = model.failed / model.calls;
    const time = seconds => seconds == null ? "–" : format.seconds(seconds);
    row.append(
      name, cell(format.significant(model.per_second) + "/s"),
      cell(format.percent(failed), failed === 0 ? "zero" : ""), cell(time(model.p50), "wide"), cell(time(model.p95)),
      cell(format.tokens(model.input_tokens + model.output_tokens), "wide"),
      cell(model.unpriced > 0 && model.dollars === 0 ? "unpriced" : format.perHour(model.dollars_per_hour),
        model.unpriced > 0 ? "warn" : ""));
    if (model.unpriced > 0 && model.dollars > 0) {
      row.lastChild.title = `Priced in part: the price of ${format.count(model.unpriced)} of ${format.count(model.calls)} calls is not known in full`;
    }
    return row;
  }

  function errorRow([type, count], most) {
    const row = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = type.replaceAll("_", " ");
    const number = document.createElement("b");
    number.textContent = format.count(count);
    row.append(name, number, share(count / most));
    return row;
  }

  function showTables(now) {
    const dollarsPerHour = now.models.reduce((sum, model) => sum + model.dollars_per_hour, 0);
    byId("models").replaceChildren(...now.models.map(model => modelRow(model, dollarsPerHour)));
    byId("models").parentElement.hidden = now.models.length === 0;
    byId("models-none").hidden = now.models.length > 0;
    byId("errors").replaceChildren(...now.errors.map(error => errorRow(error, now.errors[0][1])));
    byId("errors-none").hidden = now.errors.length > 0;
    set("total-calls", format.count(now.total.calls));
    set("total-failed", format.count(now.total.failed));
    set("total-cost", format.dollars(now.total.dollars));
    set("total-tokens", format.tokens(now.total.input_tokens + now.total.output_tokens));
  }

  // A fact of one text is a sentence, of several a row.
  function fact(tag, [text, style]) {
    const element = document.createElement(tag);
    if (style === "code") element.append(document.createElement("code"));
    else element.className = style;
    (element.firstChild ?? element).textContent = text;
    return element;
  }

  function showFacts(id, rows) {
    if (rows.every(row => row.length === 1)) {
      byId(id).replaceChildren(...rows.map(([text]) => fact("p", text)));
      return;
    }
    const table = document.createElement("table");
    for (const row of rows) table.insertRow().append(...row.map(text => fact("td", text)));
    byId(id).replaceChildren(table);
  }

  function show(now) {
    const isEmpty = now.total.calls === 0;
    byId("empty").hidden = !isEmpty;
    byId("live").hidden = isEmpty;
    byId("still").hidden = true;
    showStatus(now);
    if (isEmpty) return;
    showTables(now);
    for (const chart of charts) chart.show([...points, now.point]);
  }

  // The stream. A hidden page lets go of it; a broken one is tried again.
  let source = null;
  let again = 0;

  function connect() {
    if (source || document.hidden) return;
    clearTimeout(again);
    source = new EventSource("/api/v1/live");
    source.addEventListener("open", () => { points = []; });
    source.addEventListener("points", event => { points = points.concat(JSON.parse(event.data)).slice(-maxPoints); });
    source.addEventListener("now", event => show(JSON.parse(event.data)));
    source.addEventListener("facts", event => {
      for (const [name, rows] of Object.entries(JSON.parse(event.data))) showFacts("fact-" + name, rows);
    });
    source.addEventListener("error", () => {
      byId("state").className = "state warn";
      set("state-text", "Disconnected, trying again");
      close();
      again = setTimeout(connect, 3000);
      explain();
    });
  }

  // The stream does not say why it was refused; the same request by hand does.
  async function explain() {
    const over = new AbortController();
    try {
      const answer = await fetch("/api/v1/live", { signal: over.signal });
      if (!answer.ok && !source) {
        set("state-text", await answer.text());
        byId("still").hidden = !byId("live").hidden;
      }
    } catch {
      // Nobody is there: that it is disconnected stands there already.
    }
    over.abort();
  }

  function close() {
    source?.close();
    source = null;
  }

  byId("still").hidden = true;
  document.addEventListener("visibilitychange", () => document.hidden ? close() : connect());
  connect();
})();
