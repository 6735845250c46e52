/** How a node's process is started; the first line of `bin/vigil.js` and `build/app/vigil` say the same in their words. */

/** Of Node. A node lives for weeks and allocates little at a time: a small young generation (MiB) saves a fifth. */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=1'];

/** Variables for glibc, which then gives back what large buffers leave. Others ignore them. */
export const MALLOC: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '8192',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
