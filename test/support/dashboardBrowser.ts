import { accessSync, constants } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { announceFixtureWallet, type PageWallet } from "./fixtureWallet.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** The browser named by CHROMIUM_PATH, or the first on the PATH; undefined where there is none. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const found = folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
  const named = process.env.CHROMIUM_PATH;
  return [...(named ? [named] : []), ...found].find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Builds the dashboard into a folder, as `npm run dashboard:build` does into its own. */
export async function buildDashboard(outDir: string): Promise<void> {
  const configFile = path.join(root, "dashboard/vite.config.ts");
  await build({ configFile, logLevel: "error", build: { outDir, emptyOutDir: true } });
}

export function launchChromium(executablePath: string): Promise<Browser> {
  // Containers and continuous integration have no user namespaces for the sandbox.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

export interface VisitOptions {
  readonly scheme?: "light" | "dark";
  /** CSS pixels. */
  readonly width?: number;
  /** Runs in the page before its own scripts. */
  readonly script?: string;
  readonly wallet?: { readonly wallet: PageWallet; readonly name: string };
}

/** A page with what happened in it. */
export interface Visit {
  readonly page: Page;
  /** Errors in the console, and uncaught ones. */
  readonly errors: string[];
  /** Addresses and gzipped bytes of the scripts loaded. */
  readonly scripts: Map<string, number>;
  /** Cumulative layout shift without a person's doing. */
  shift(): Promise<number>;
  /** Rules of axe that are broken, as `rule: element`. */
  violations(): Promise<string[]>;
  close(): Promise<void>;
}

const countShifts = `
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
`;

/** Opens `url` in a fresh context, and waits until the page has its first figures. */
export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
  const { scheme = "light", width = 1280, wallet, script } = options;
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const errors: string[] = [];
  const scripts = new Map<string, number>();
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("response", async (response) => {
    if (response.request().resourceType() !== "script") return;
    scripts.set(response.url(), gzipSync(await response.body()).length);
  });
  await page.addInitScript(countShifts);
  if (script !== undefined) await page.addInitScript(script);
  if (wallet !== undefined) {
    await page.exposeFunction("fixtureWalletRequest", (text: string) => {
      const { method, params } = JSON.parse(text) as { method: string; params: readonly unknown[] };
      return wallet.wallet.request(method, params);
    });
    await page.addInitScript(announceFixtureWallet, wallet.name);
  }
  await page.goto(url, { waitUntil: "load" });
  await page.locator("h1").waitFor();
  return {
    page,
    errors,
    scripts,
    shift: () => page.evaluate<number>("window.shifted"),
    async violations() {
      await page.evaluate(await readFile(path.join(root, "node_modules/axe-core/axe.min.js"), "utf8"));
      return page.evaluate<string[]>(runAxe);
    },
    close: () => context.close(),
  };
}

const runAxe = `
  axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(
    ({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ": " + target.join(" "))),
  )
`;
