// A small chart of one or two lines over time: axis with units, the present at the right edge, a cross-hair that all
// charts share. Nothing here reads a text from outside.
class Chart {
  // options: { title, series: [index in a point, the main one first], tick: number => text, read: number => text,
  //   least: the smallest upper end of the axis }
  constructor(figure, options, onPick) {
    Object.assign(this, options);
    this.plot = figure.querySelector(".plot");
    this.when = figure.querySelector(".when");
    this.values = [figure.querySelector(".value"), figure.querySelector(".second")];
    this.svg = Chart.element("svg", { "aria-hidden": "true" });
    this.plot.append(this.svg);
    this.points = [];
    this.picked = -1;
    this.plot.addEventListener("pointermove", event => onPick(this.nearest(event.offsetX)));
    this.plot.addEventListener("pointerleave", () => onPick(-1));
    this.plot.addEventListener("blur", () => onPick(-1));
    this.plot.addEventListener("keydown", event => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Escape") onPick(-1);
      if (!step) return;
      event.preventDefault();
      const from = this.picked < 0 ? this.points.length - 1 : this.picked;
      onPick(Math.max(0, Math.min(this.points.length - 1, from + step)));
    });
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  static element(name, attributes, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    element.append(...children);
    return element;
  }

  // The smallest round number that is not below, of which the half is round too.
  static roundUp(number) {
    const power = 10 ** Math.floor(Math.log10(number));
    return [1, 2, 4, 5, 10].find(step => step * power >= number * 0.999) * power;
  }

  show(points) {
    this.points = points;
    this.draw();
  }

  pick(index) {
    this.picked = index;
    this.draw();
  }

  nearest(offset) {
    let best = -1;
    this.points.forEach((point, i) => {
      if (best < 0 || Math.abs(this.x(point) - offset) < Math.abs(this.x(this.points[best]) - offset)) best = i;
    });
    return best;
  }

  x(point) { return this.right - (this.end - point[0]) / this.span * (this.right - this.left); }
  y(value) { return this.bottom - value / this.top * (this.bottom - 8); }

  measure() {
    const { clientWidth: width, clientHeight: height } = this.plot;
    const largest = Math.max(0, ...this.points.flatMap(point => this.series.map(i => point[i] ?? 0)));
    const last = this.points[this.points.length - 1];
    Object.assign(this, { width, left: 46, right: width - 7, bottom: height - 20, end: last[0] });
    this.top = Chart.roundUp(Math.max(largest * 1.05, this.least));
    const age = (this.end - this.points[0][0]) / 60000;
    this.span = ([1, 2, 5, 10].find(minutes => age <= minutes) ?? 15) * 60000;
  }

  draw() {
    if (this.points.length === 0 || this.plot.clientWidth === 0) return;
    this.measure();
    const lines = this.series.map(i => this.segments(i));
    const shapes = [...this.axis(), ...this.areas(lines)];
    lines.forEach((segments, i) => {
      const name = i === 0 ? "line" : "line faint";
      for (const points of segments) shapes.push(Chart.element("path", { class: name, d: "M" + points.join("L") }));
    });
    const shown = this.points[this.picked] ?? this.points[this.points.length - 1];
    const x = this.x(shown);
    if (this.picked >= 0) shapes.push(Chart.element("line", { class: "cross", x1: x, x2: x, y1: 2, y2: this.bottom }));
    for (const i of this.series) {
      if (shown[i] != null) shapes.push(Chart.element("circle", { class: "now", cx: x, cy: this.y(shown[i]), r: 4.2 }));
    }
    this.svg.replaceChildren(...shapes);
    this.say(shown);
  }

  // Runs of points that have a value.
  segments(series) {
    const segments = [];
    let open = null;
    for (const point of this.points) {
      if (point[series] == null || point[0] < this.end - this.span) { open = null; continue; }
      if (!open) segments.push(open = []);
      open.push(this.x(point).toFixed(1) + " " + this.y(point[series]).toFixed(1));
    }
    return segments;
  }

  // Below the line; between the lines where there are two.
  areas(lines) {
    return lines[0].map((upper, i) => {
      const ends = [upper[upper.length - 1], upper[0]].map(text => text.split(" ")[0] + " " + this.bottom);
      const lower = lines.length > 1 && lines[1][i]?.length === upper.length ? [...lines[1][i]].reverse() : ends;
      return Chart.element("path", { class: "area", d: "M" + upper.concat(lower).join("L") + "Z" });
    });
  }

  axis() {
    const shapes = [];
    for (const value of [0, this.top / 2, this.top]) {
      const y = Math.round(this.y(value)) + 0.5;
      shapes.push(
        Chart.element("line", { class: "grid", x1: this.left, x2: this.right, y1: y, y2: y }),
        Chart.element("text", { x: this.left - 8, y: y + 3.5, "text-anchor": "end" }, this.tick(value)));
    }
    const minutes = this.span / 60000;
    for (const [part, anchor] of [[1, "start"], [0.5, "middle"], [0, "end"]]) {
      const label = part === 0 ? "now" : `−${minutes * part}${space}min`;
      const x = this.right - part * (this.right - this.left);
      shapes.push(Chart.element("text", { x, y: this.bottom + 16, "text-anchor": anchor }, label));
    }
    return shapes;
  }

  // The number over the chart, and the chart's description for who can't see it.
  say(point) {
    this.series.forEach((i, place) => Chart.fill(this.values[place], point[i] == null ? "–" : this.read(point[i])));
    this.when.textContent = this.picked < 0 ? "" : format.span((this.end - point[0]) / 1000) + " ago";
    const main = this.points.map(each => each[this.series[0]]).filter(value => value != null);
    const now = this.points[this.points.length - 1][this.series[0]];
    this.plot.setAttribute("aria-label", main.length === 0 ? `${this.title}: nothing yet` :
      `${this.title}: now ${now == null ? "none" : this.read(now)}, between ${this.read(Math.min(...main))} and ` +
      `${this.read(Math.max(...main))} in the last quarter of an hour`);
  }

  // Sets the unit behind a number in smaller type.
  static fill(element, text) {
    if (element.dataset.text === text) return;
    element.dataset.text = text;
    const [, number, unit] = text.match(/^([^a-z/%\u00a0]*)\u00a0?(.*)$/);
    const small = document.createElement("span");
    small.className = "unit";
    small.textContent = unit;
    element.replaceChildren(number, small);
  }
}
