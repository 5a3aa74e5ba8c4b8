import type { ReactElement } from "react";

/** Paths on a grid of 16, drawn with a round pen of 1.6. Icons stand beside a word, so they are silent to readers. */
const paths = {
  clock: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM8 4.6V8l2.4 1.6",
  queue: "M2.5 4h11M2.5 8h11M2.5 12h6",
  play: "M5 3.2v9.6L12.8 8Z",
  check: "M2.8 8.6l3.4 3.4 7-7.6",
  back: "M6 3.5 2.5 7 6 10.5M2.8 7h6.4a4 4 0 0 1 0 8H8",
  stop: "M4 4h8v8H4Z",
  cross: "M3.6 3.6l8.8 8.8M12.4 3.6l-8.8 8.8",
  hand: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM8 4.8v4M8 11.2v.1",
  hold: "M5.2 3.4v9.2M10.8 3.4v9.2",
  minus: "M3.4 8h9.2",
  question: "M5.6 5.8a2.5 2.5 0 1 1 3.7 2.2c-.9.5-1.3 1-1.3 1.9M8 12.6v.1",
  copy: "M5.5 5.5h8v8h-8ZM10.5 5.2V2.5h-8v8h2.7",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1.4v1M8 13.6v1M1.4 8h1M13.6 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7",
  moon: "M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7Z",
  live: "M8 7a1 1 0 1 0 0 2 1 1 0 0 0 0-2ZM5 11a4.2 4.2 0 0 1 0-6M11 5a4.2 4.2 0 0 1 0 6M3 13a7 7 0 0 1 0-10M13 3a7 7 0 0 1 0 10",
  warning: "M8 2.2 14.4 13.4H1.6ZM8 6.4v3.2M8 11.4v.1",
  inbox: "M2 9.5 4 3h8l2 6.5V13H2ZM2 9.5h3.5l1 2h3l1-2H14",
  list: "M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1",
  grid: "M2.5 2.5h4.4v4.4H2.5ZM9.1 2.5h4.4v4.4H9.1ZM2.5 9.1h4.4v4.4H2.5ZM9.1 9.1h4.4v4.4H9.1Z",
  book: "M3 2.5h8.5a1.5 1.5 0 0 1 1.5 1.5v9.5H4.5A1.5 1.5 0 0 1 3 12ZM5.8 5.6h4.4M5.8 8.4h4.4",
  arrow: "M2.5 8h10.6M9 3.9 13.1 8 9 12.1",
  plus: "M8 3v10M3 8h10",
  leave: "M6.5 2.5h-4v11h4M6 8h8M11 5l3 3-3 3",
  calendar: "M2.5 3.5h11v10h-11ZM2.5 6.8h11M5.5 1.8v3M10.5 1.8v3",
  gate: "M3 2.5v11M13 2.5v11M3 8.4c1.7-2.2 3.3-2.2 5 0s3.3 2.2 5 0",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }): ReactElement {
  return (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
