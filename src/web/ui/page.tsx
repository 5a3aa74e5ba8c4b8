import { useEffect, useRef, type ReactElement, type ReactNode } from "react";
import { Skeleton } from "@mantine/core";

interface PageProps {
  /** Of the document; the heading unless `heading` says more. */
  readonly title: string;
  readonly heading?: ReactNode;
  readonly side?: ReactNode;
  readonly children: ReactNode;
}

/** True once the first page has been shown: after that a new page takes the focus to its heading. */
let hasShownOne = false;

/** One `h1`, a document title, and the focus on the heading after a change of page, so that a reader hears where it is. */
export function Page({ title, heading, side, children }: PageProps): ReactElement {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Tidegate`;
  }, [title]);
  useEffect(() => {
    if (hasShownOne) head.current?.focus({ preventScroll: true });
    hasShownOne = true;
  }, []);
  return (
    <div className="page">
      <div className="page-head">
        <h1 ref={head} tabIndex={-1}>
          {heading ?? title}
        </h1>
        {side !== undefined && <div className="row">{side}</div>}
      </div>
      {children}
    </div>
  );
}

interface PanelProps {
  readonly title: string;
  readonly side?: ReactNode;
  readonly children: ReactNode;
  /** Whether the content brings its own padding, as tables do. */
  readonly edge?: "padded" | "flush";
}

export function Panel({ title, side, children, edge = "padded" }: PanelProps): ReactElement {
  return (
    <section className="panel" aria-label={title}>
      <div className="panel-head">
        <h2>{title}</h2>
        {side !== undefined && <div className="small dim">{side}</div>}
      </div>
      <div className={edge === "padded" ? "panel-body" : "scroll"}>{children}</div>
    </section>
  );
}

/** Grey lines in the place of what is being read, announced once. */
export function Loading({ lines }: { readonly lines: number }): ReactElement {
  return (
    <div className="panel-body stack">
      <output className="hidden-visually">Loading</output>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={18} radius={4} />
      ))}
    </div>
  );
}
