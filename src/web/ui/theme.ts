import {
  convertCssVariables,
  createTheme,
  defaultCssVariablesResolver,
  DEFAULT_THEME,
  mergeMantineTheme,
  type MantineColorsTuple,
  type MantineThemeOverride,
} from "@mantine/core";

/** From near white to near black; shades 6 to 9 carry white text with more than 4.5 : 1. */
const tide: MantineColorsTuple = [
  "#e8f6f9",
  "#cfeaf0",
  "#a3d7e2",
  "#6fd0e3",
  "#45b4ca",
  "#1f93aa",
  "#12798f",
  "#0b5f73",
  "#094f60",
  "#073c49",
];
const red: MantineColorsTuple = [
  "#fdecea",
  "#fbd5d2",
  "#f6aaa5",
  "#ff9f98",
  "#e35c55",
  "#cc3a34",
  "#b82b26",
  "#a8201d",
  "#8b1714",
  "#6d0f0d",
];

export const theme: MantineThemeOverride = createTheme({
  colors: { tide, red },
  primaryColor: "tide",
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.3,
  defaultRadius: 6,
  respectReducedMotion: true,
  cursorType: "pointer",
  fontFamily: "var(--sans)",
  fontFamilyMonospace: "var(--mono)",
});

/**
 * Mantine would write its variables into a `style` element, which `default-src 'self'` forbids. A constructed style
 * sheet holds the same text and is allowed.
 */
export function adoptTheme(into: Document): void {
  const sheet = new CSSStyleSheet();
  const variables = defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme));
  sheet.replaceSync(`${convertCssVariables(variables, ":root")}
    :root[data-mantine-color-scheme] {
      --mantine-color-body: var(--surface); --mantine-color-text: var(--ink); --mantine-color-dimmed: var(--ink-dim);
      --mantine-color-placeholder: var(--ink-dim); --mantine-color-default-border: var(--line-strong);
      --mantine-color-default: var(--surface); --mantine-color-default-hover: var(--raised);
      --mantine-color-error: var(--bad);
    }`);
  into.adoptedStyleSheets = [...into.adoptedStyleSheets, sheet];
}
