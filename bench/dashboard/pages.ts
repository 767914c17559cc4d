import { clock, type Shape } from "../projector/shape.ts";

/** A page, and an expression that is true in it once its figures are there. */
export interface DrawnPage {
  readonly name: string;
  readonly hash: string;
  readonly drawn: string;
}

/** After which a page counts as never drawn. */
const longestMs = 20_000;

const says = (text: string) => `document.body.textContent.includes(${JSON.stringify(text)})`;
const rows = (least: number) => `document.querySelectorAll("tbody tr").length >= ${least}`;

/** Every page, of a round and neurons near the run's end. */
export function pagesOf({ validators, miners, rounds }: Shape): readonly DrawnPage[] {
  const settled = Math.floor(rounds / clock.tempo) - 2;
  return [
    {
      name: "network",
      hash: "#/",
      drawn: `${says("of 21.0")} && document.querySelectorAll(".uplot canvas").length >= 3`,
    },
    { name: "metagraph", hash: "#/metagraph", drawn: rows(validators + miners) },
    {
      name: "miner",
      hash: `#/neuron/${validators + 1}/${settled}`,
      drawn: `${rows(24)} && ${says("of its row stood")}`,
    },
    {
      name: "validator",
      hash: "#/neuron/1",
      drawn: `${says("Weights against consensus")} && ${rows(miners)}`,
    },
    { name: "round", hash: `#/round/${rounds - 20}`, drawn: `${rows(miners)} && ${says("Point at a cell")}` },
    { name: "text", hash: "#/text", drawn: says("Nothing is written yet") },
    { name: "stake", hash: "#/stake/1", drawn: `${says("No wallet answers")} && ${says("Its record")}` },
  ];
}

/**
 * Script that runs before the page's own: `drawn` resolves with the milliseconds at which `expression` held and the frame
 * with it was painted (null where it never did), `answered` with those at which the next key pressed was handled and painted.
 */
export function watching(expression: string): string {
  return `
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
    }).observe({ type: "longtask", buffered: true });
    const painted = (then) => requestAnimationFrame(() => setTimeout(() => then(performance.now())));
    window.drawn = new Promise((resolve) => {
      const look = () => {
        if (document.body && ${expression}) painted(resolve);
        else if (performance.now() > ${longestMs}) resolve(null);
        else requestAnimationFrame(look);
      };
      look();
    });
    window.answered = new Promise((resolve) => {
      addEventListener("keydown", () => painted((interactiveMs) => {
        const [first] = performance.getEntriesByName("first-contentful-paint");
        resolve({ interactiveMs, firstContentMs: first?.startTime ?? interactiveMs, longestTaskMs: window.longest });
      }));
    });
  `;
}
