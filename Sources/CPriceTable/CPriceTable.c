#include "CPriceTable.h"

static const unsigned char table[] = {
#embed "prices.json"
};

const unsigned char *llm_price_table(void) { return table; }
size_t llm_price_table_size(void) { return sizeof table; }
