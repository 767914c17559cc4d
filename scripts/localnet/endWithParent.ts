/** Preloaded into a program that is not ours and knows nothing of its parent: ends it when the parent is gone. */
process.once("disconnect", () => process.exit(1));
// Waiting for that keeps nobody from ending.
process.channel?.unref();
