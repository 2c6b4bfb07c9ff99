#pragma once

#ifdef __cplusplus
extern "C" {
#endif

// The built-in suites in the order of the list, and the files of references after them; a null pointer
// past the last. The name is the file's in Sources/Experiments/Suites, without ".yaml"; the text is
// UTF-8, ended by zero.
const char *built_in_suite_name(int index);
const char *built_in_suite_text(int index);

#ifdef __cplusplus
}
#endif
