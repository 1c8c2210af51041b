#ifndef C_PRICE_TABLE_H
#define C_PRICE_TABLE_H
#include <stddef.h>

/// The shipped price table: JSON, in the form of LiteLLM's published table. Lives in the executable's read-only data.
const unsigned char *llm_price_table(void);
size_t llm_price_table_size(void);

#endif
