import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { build } from "vite";

const executablePath = "/usr/bin/chromium";

/** Why the pages cannot be driven here; false when they can. */
export const notRun: string | false = existsSync(executablePath) ? false : "not run: chromium is not installed";

/** Builds the pages, unless the run has done it already: two files beside each other would take them from each other. */
export async function buildPages(): Promise<void> {
  if (process.env["TIDEGATE_PAGES"] === "built") return;
  await build({ configFile: "vite.config.ts", logLevel: "error" });
}

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Window extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Uncaught errors, and what the content security policy refused. */
  readonly complaints: string[];
}

export interface Looks {
  readonly colorScheme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
  readonly reducedMotion?: "reduce" | "no-preference";
}

/** A browser of its own with an empty profile; dispose of it at the end. */
export async function openWindow(baseURL: string, looks: Looks = {}): Promise<Window> {
  const profile = await mkdtemp(join(tmpdir(), "tidegate-web-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: flags,
    baseURL,
    viewport: { width: looks.width ?? 1280, height: looks.height ?? 800 },
    colorScheme: looks.colorScheme ?? "light",
    reducedMotion: looks.reducedMotion ?? "reduce",
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // A refused log-in or a missing deployment is part of a test; the browser logs every such answer by itself.
    if (message.type() === "error" && !message.text().includes("Failed to load resource"))
      complaints.push(message.text());
  });
  return {
    context,
    page,
    complaints,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** A window with a person logged in, at the list of deployments. */
export async function openLoggedIn(baseURL: string, token: string, looks: Looks = {}): Promise<Window> {
  const window = await openWindow(baseURL, looks);
  try {
    await window.page.goto("/login");
    await logIn(window.page, token);
    await window.page.waitForURL("**/deployments");
    return window;
  } catch (error) {
    // A browser that nobody closes keeps the process of the test alive.
    await window[Symbol.asyncDispose]();
    throw error;
  }
}

/** Goes to a page and waits until it is whole: its heading, what it reads, and the stream. */
export async function go(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByText("Loading", { exact: true }).first().waitFor({ state: "detached" });
  await page.getByText("Live", { exact: true }).waitFor();
}

export async function logIn(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Log in" }).click();
}

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/**
 * Breaches of WCAG 2.2 AA on the page as it stands, seen from its top: `rule: selector`. What lies half below the bar that
 * stays on top is too small a target only until somebody scrolls.
 */
export async function breaches(page: Page): Promise<readonly string[]> {
  await page.evaluate("scrollTo(0, 0)");
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}`));
}

export async function picture(page: Page, name: string): Promise<void> {
  await mkdir("test-output", { recursive: true });
  await page.screenshot({ path: `test-output/web-${name}.png`, fullPage: true });
}
