// A process that plays seeds, one after another, for `runner.ts`: a job in, a report out.
import { playJob, type SeedJob } from "./playJob.ts";
import { openWorld, type World } from "./world/world.ts";

const { signal } = new AbortController();
let world: World | undefined;

process.on("message", (job: SeedJob) => {
  void play(job);
});
process.on("disconnect", () => {
  void (world?.close() ?? Promise.resolve()).finally(() => process.exit(0));
});

async function play(job: SeedJob): Promise<void> {
  world ??= await openWorld(job.parent, signal);
  process.send?.(await playJob(world, job, signal));
}
