import type { ReactElement } from "react";
import { lineDiff } from "./line-diff.ts";

const signs = { same: " ", added: "+", removed: "-" } as const;

/** Two texts line by line, with a sign in front of what only one of them has. */
export function TextDifference(props: { readonly before: string; readonly after: string }): ReactElement {
  return (
    <pre className="document">
      {lineDiff(props.before, props.after).map(({ kind, text }, index) => (
        // Lines have no name of their own, and the list is made anew with every text.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={index} className={`diff-${kind}`}>
          {signs[kind]} {text}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}
