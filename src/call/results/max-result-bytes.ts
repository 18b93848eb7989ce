/** Of one result no more is kept, neither of its parts nor of what is streamed at its front. */
export const MAX_RESULT_BYTES = 16 * 1024 * 1024;
