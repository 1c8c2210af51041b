"""Panels as plain dictionaries of Grafana's classic model."""
from .limits import steps, worst

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
PLAIN = [{"color": "text", "value": None}]


def words(*choices):
    """Value mappings: (value, text, colour)."""
    return [{"type": "value", "options": {str(value): {"text": text, "color": colour} for value, text, colour in choices}}]


def target(expression, legend="", **options):
    return {"datasource": DATASOURCE, "expr": expression, "legendFormat": legend, "editorMode": "code", **options}


def _panel(kind, title, description, targets, unit, width, height, defaults=None, options=None, limits=None, bad="above",
           overrides=(), transformations=(), links=()):
    for index, one in enumerate(targets):
        one["refId"] = chr(ord("A") + index)
    field = {"unit": unit, "color": {"mode": "palette-classic"},
             "thresholds": {"mode": "absolute", "steps": steps(limits, bad) if limits else PLAIN}, **(defaults or {})}
    panel = {"type": kind, "title": title, "description": description, "datasource": DATASOURCE, "targets": targets,
             "gridPos": {"w": width, "h": height}, "fieldConfig": {"defaults": field, "overrides": list(overrides)},
             "options": options or {}}
    if transformations:
        panel["transformations"] = list(transformations)
    if links:
        panel["links"] = list(links)
    return panel


def stat(title, description, expression, unit, width=4, height=4, limits=None, bad="above", decimals=None, mappings=(),
         spark=True, alert=None):
    """`alert`: a second number has the colours, that of the worst model as this alert counts it; the first is that of all."""
    defaults = {"color": {"mode": "thresholds"}, "mappings": list(mappings), "noValue": "–"}
    if decimals is not None:
        defaults["decimals"] = decimals
    options = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "value",
               "graphMode": "area" if spark else "none", "justifyMode": "auto", "orientation": "auto", "textMode": "auto"}
    if alert:
        plain = {"matcher": {"id": "byName", "options": "all"},
                 "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": "text"}}]}
        return _panel("stat", title, f"{description} Coloured: the worst model, as {alert} counts.",
                      [target(expression, "all"), target(worst(alert), "worst model")], unit, width, height, defaults, options, limits,
                      bad, overrides=[plain])
    one = target(expression, title) if spark else target(expression, title, instant=True, range=False)
    return _panel("stat", title, description, [one], unit, width, height, defaults, options, limits, bad)


def graph(title, description, targets, unit, width=12, height=8, limits=None, bad="above", stack=False, least=0, most=None):
    """`targets`: (expression, legend) or (expression, legend, options)."""
    custom = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 25 if stack else 8, "showPoints": "never",
              "spanNulls": False, "stacking": {"mode": "normal" if stack else "none", "group": "A"},
              "thresholdsStyle": {"mode": "dashed" if limits else "off"}}
    defaults = {"custom": custom}
    if least is not None:
        defaults["min"] = least
    if most is not None:
        defaults["max"] = most
    options = {"legend": {"displayMode": "table", "placement": "bottom", "showLegend": True, "calcs": ["mean", "max", "lastNotNull"],
                          "sortBy": "Last *", "sortDesc": True},
               "tooltip": {"mode": "multi", "sort": "desc"}}
    made = [target(one[0], one[1], **(one[2] if len(one) > 2 else {})) for one in targets]
    return _panel("timeseries", title, description, made, unit, width, height, defaults, options, limits, bad)


def heatmap(title, description, expression, unit, width=12, height=8):
    options = {"calculate": False, "cellGap": 1, "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64, "exponent": 0.5,
                                                            "fill": "dark-orange", "scale": "exponential", "reverse": False},
               "exemplars": {"color": "rgba(110,159,255,0.9)"}, "filterValues": {"le": 1e-9}, "legend": {"show": True},
               "rowsFrame": {"layout": "auto"}, "tooltip": {"mode": "single", "yHistogram": True, "showColorScale": False},
               "yAxis": {"axisPlacement": "left", "reverse": False, "unit": unit}}
    one = target(expression, "{{le}}", format="heatmap", exemplar=True)
    return _panel("heatmap", title, description, [one], unit, width, height,
                  {"custom": {"scaleDistribution": {"type": "linear"}}}, options)


def bars(title, description, expression, legend, unit, width=12, height=8, limits=None, bad="above", most=None):
    defaults = {"color": {"mode": "thresholds" if limits else "palette-classic"}, "min": 0}
    if most is not None:
        defaults["max"] = most
    options = {"displayMode": "gradient", "orientation": "horizontal", "valueMode": "color", "showUnfilled": True,
               "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
    one = target(expression, legend, instant=True, range=False)
    return _panel("bargauge", title, description, [one], unit, width, height, defaults, options, limits, bad)


def table(title, description, columns, width=12, height=8, sort=None, hide=(), links=None, mappings=None, limits=None):
    """`columns`: (name, expression, unit), one instant query each, joined on the labels they share.
    `links`: {column: link} with a dashboard to open for the row. `mappings`: {column: texts and colours of its values}."""
    targets = [target(expression, name, instant=True, range=False, format="table") for name, expression, _ in columns]
    names = {f"Value #{chr(ord('A') + i)}" if len(columns) > 1 else "Value": name for i, (name, _, _) in enumerate(columns)}
    overrides = [{"matcher": {"id": "byName", "options": name}, "properties": [{"id": "unit", "value": unit}]}
                 for name, _, unit in columns if unit != "short"]
    for column, url in (links or {}).items():
        overrides.append({"matcher": {"id": "byName", "options": column}, "properties": [
            {"id": "links", "value": [{"title": f"Latency of this {column}", "url": url}]}]})
    for column, texts in (mappings or {}).items():
        overrides.append({"matcher": {"id": "byName", "options": column}, "properties": [
            {"id": "mappings", "value": texts}, {"id": "custom.cellOptions", "value": {"type": "color-text"}}]})
    transformations = [{"id": "merge", "options": {}},
                       {"id": "organize", "options": {"excludeByName": {"Time": True, **{label: True for label in hide}},
                                                      "renameByName": names, "indexByName": {}}}]
    options = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": ""}}
    if sort:
        options["sortBy"] = [{"displayName": sort, "desc": True}]
    defaults = {"custom": {"align": "auto", "filterable": True}}
    if limits:
        defaults = {"custom": {**defaults["custom"], "cellOptions": {"type": "color-text"}}, "color": {"mode": "thresholds"}}
    return _panel("table", title, description, targets, "short", width, height, defaults, options, limits, overrides=overrides,
                  transformations=transformations)
