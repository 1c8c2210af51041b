"""A dashboard around its panels: variables, annotations, links, and the grid."""
import re

from .panel import DATASOURCE
from .query import EXPORTER, FIRING, RANGE

TAG = "llm-exporter"


def _variable(name, label, query, every):
    return {"type": "query", "name": name, "label": label, "datasource": DATASOURCE, "query": {"query": query, "refId": name},
            "definition": query, "refresh": 2, "sort": 1, "multi": True, "includeAll": True, "allValue": every,
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]}, "options": [], "regex": "", "hide": 0,
            "skipUrlSync": False}


def variables(calls=True):
    chosen = [
        {"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus", "regex": "", "hide": 0,
         "includeAll": False, "multi": False, "refresh": 1, "options": [], "skipUrlSync": False, "current": {}},
        _variable("job", "Job", "label_values(llm_exporter_build_info, job)", ".+"),
        _variable("instance", "Instance", 'label_values(llm_exporter_build_info{job=~"$job"}, instance)', ".+"),
    ]
    if calls:
        chosen += [
            _variable("provider", "Provider", f"label_values(llm_requests_total{{{EXPORTER}}}, provider)", ".*"),
            _variable("model", "Model", f'label_values(llm_requests_total{{{EXPORTER},provider=~"$provider"}}, model)', ".*"),
            _variable("application", "Application", f"label_values(llm_requests_total{{{EXPORTER}}}, application)", ".*"),
        ]
    return chosen


def _annotation(name, expression, colour, title, text=""):
    return {"name": name, "datasource": DATASOURCE, "enable": True, "hide": False, "iconColor": colour, "expr": expression,
            "step": "60s", "titleFormat": title, "textFormat": text, "useValueForTime": False}


ANNOTATIONS = [
    _annotation("Alerts", FIRING, "red", "{{alertname}}",
                "{{severity}} {{model}} {{application}} {{instance}}"),
    _annotation("Restarts", f"changes(process_start_time_seconds{{{EXPORTER}}}[{RANGE}]) > 0", "blue", "Exporter restarted",
                "{{instance}}"),
    _annotation("Prices", f"changes(llm_exporter_prices_updated_timestamp_seconds{{{EXPORTER}}}[{RANGE}]) > 0", "purple",
                "New price table", "{{instance}}"),
    _annotation("Configuration", f"changes(llm_exporter_config_last_reload_success_timestamp_seconds{{{EXPORTER}}}[{RANGE}]) > 0",
                "green", "Configuration reloaded", "{{instance}}"),
]

LINKS = [{"type": "dashboards", "title": "LLM dashboards", "tags": [TAG], "asDropdown": False, "includeVars": True,
          "keepTime": True, "targetBlank": False, "icon": "external link", "tooltip": "", "url": ""}]


def link_to(uid, *columns):
    """Opens another dashboard for a table's row: these columns are chosen, the time and the other choices kept."""
    kept = [variable["name"] for variable in variables() if variable["name"] not in columns]
    return "&".join([f"/d/{uid}?${{__url_time_range}}", *(f"${{{name}:queryparam}}" for name in kept),
                     *(f"var-{name}=${{__data.fields.{name}:percentencode}}" for name in columns)])


def _ignored(expression, names):
    """The variables that do not narrow down all that the expression reads. Limits are the same for everyone."""
    read = re.findall(r"([\w:]+)\{([^}]*)\}", expression)
    return [name for name in names if not all(f"${name}" in matchers for metric, matchers in read if not metric.startswith("llm:threshold:"))]


def _with_what_it_ignores(panel, names):
    """The description says which choices change nothing: of the whole panel, or of one of its numbers."""
    numbers = {}
    for one in panel["targets"]:
        numbers.setdefault(tuple(_ignored(one["expr"], names)), []).append(one["legendFormat"])
    for choices, legends in numbers.items():
        if choices:
            whose = "The" if len(numbers) == 1 else f"{_listed([repr(legend) for legend in legends])}: the"
            panel["description"] += f" {whose} same whatever {_listed(choices)} {'is' if len(choices) == 1 else 'are'} chosen."
    return panel


def _listed(words):
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def row(title, *panels, collapsed=False):
    return title, panels, collapsed


def dashboard(uid, title, description, *rows, calls=True):
    placed, y, number = [], 0, 0
    names = [variable["name"] for variable in variables(calls) if variable["type"] == "query"]

    def place(panels):
        nonlocal y, number
        x, tallest, made = 0, 0, []
        for panel in panels:
            grid = panel["gridPos"]
            if x + grid["w"] > 24:
                x, y, tallest = 0, y + tallest, 0
            number += 1
            made.append({"id": number, **_with_what_it_ignores(panel, names), "gridPos": {"x": x, "y": y, **grid}})
            x, tallest = x + grid["w"], max(tallest, grid["h"])
        y += tallest
        return made

    for name, panels, collapsed in rows:
        number += 1
        head = {"id": number, "type": "row", "title": name, "collapsed": collapsed, "panels": [],
                "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}}
        y += 1
        made = place(panels)
        if collapsed:
            placed.append({**head, "panels": made})
        else:
            placed += [head, *made]
    return {"id": None, "uid": uid, "title": title, "description": description, "tags": [TAG], "schemaVersion": 39, "version": 1,
            "editable": False, "graphTooltip": 1, "timezone": "browser", "refresh": "30s", "fiscalYearStartMonth": 0,
            "liveNow": False, "weekStart": "", "style": "dark", "time": {"from": "now-6h", "to": "now"}, "timepicker": {},
            "templating": {"list": variables(calls)}, "annotations": {"list": ANNOTATIONS}, "links": LINKS, "panels": placed}
