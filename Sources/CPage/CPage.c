#include "CPage.h"

static const unsigned char html[] = {
#embed "page.html"
    , 0};
static const unsigned char css[] = {
#embed "page.css"
    , 0};
static const unsigned char script[] = {
#embed "format.js"
    , '\n',
#embed "chart.js"
    , '\n',
#embed "page.js"
    , 0};

const char *llm_page_html(void) { return (const char *)html; }
const char *llm_page_css(void) { return (const char *)css; }
const char *llm_page_script(void) { return (const char *)script; }
