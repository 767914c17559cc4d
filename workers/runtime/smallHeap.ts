import { setFlagsFromString } from "node:v8";

/**
 * Imported before anything else, by a process that is to take little memory rather than be fast: the heap is collected
 * early. No bound: what is needed is taken.
 */
setFlagsFromString("--max-semi-space-size=2");
setFlagsFromString("--optimize-for-size");
