import { after, before } from "node:test";
import type { Browser } from "playwright-core";
import {
  buildDashboard,
  findChromium,
  launchChromium,
  type Visit,
  type VisitOptions,
  visit,
} from "./dashboardBrowser.ts";
import { type FixtureProjector, startFixtureProjector } from "./fixtureProjector.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

const chromium = findChromium();

/** Why tests of a browser are skipped; false where there is one. */
export const withoutBrowser = chromium === undefined && "no chromium on the PATH or in CHROMIUM_PATH";

/** The dashboard, built, served by a fixture projector and open to a browser, for the suite that asks for it. */
export class FixtureDashboard {
  #browser: Browser | undefined;
  #projector: FixtureProjector | undefined;

  constructor() {
    const dist = temporaryFolder({ after });
    before(async () => {
      await buildDashboard(dist);
      this.#projector = await startFixtureProjector(dist);
      this.#browser = await launchChromium(chromium ?? "");
    });
    after(async () => {
      await this.#browser?.close();
      await this.#projector?.close();
    });
  }

  get projector(): FixtureProjector {
    return started(this.#projector);
  }

  /** Opens a page by its hash, as `visit` does. */
  open(hash: string, options: VisitOptions = {}): Promise<Visit> {
    return visit(started(this.#browser), `${this.projector.url}${hash}`, options);
  }
}

function started<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error("the suite has not begun");
  return part;
}
