#ifndef C_PAGE_H
#define C_PAGE_H

/// The page at `/`, for people without Grafana: a template with marks as `{{this}}`, its style and its script. They live
/// in the executable's read-only data, so that nothing of them is resident until somebody opens the page.
const char *llm_page_html(void);
const char *llm_page_css(void);
const char *llm_page_script(void);

#endif
