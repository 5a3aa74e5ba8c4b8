import type { ReactElement } from "react";
import { NativeSelect } from "@mantine/core";
import { Loading, Panel } from "#web/ui/page.tsx";
import { TextDifference } from "#web/ui/text-difference.tsx";
import { ErrorNote } from "#web/ui/widgets.tsx";
import { shortDigest } from "./policies.ts";

interface DocumentProps {
  readonly version: string;
  readonly text: string;
  readonly versions: readonly { readonly version: string }[];
  /** The version that it is compared with; undefined: none. */
  readonly against: string | undefined;
  readonly onCompare: (against: string | undefined) => void;
  /** The document in that version, as far as it has been read. */
  readonly other: Other;
}

interface Other {
  readonly data: { readonly text: string } | undefined;
  readonly error: Error | null;
}

/** A document as it was written, or what differs from another version of it. */
export function DocumentPanel(props: DocumentProps): ReactElement {
  const { version, text, versions, against, onCompare, other } = props;
  const others = versions.filter((one) => one.version !== version);
  return (
    <Panel
      title="What it says"
      side={
        others.length > 0 && (
          <NativeSelect
            aria-label="Compare with"
            size="xs"
            value={against ?? ""}
            onChange={(event) => onCompare(event.currentTarget.value || undefined)}
            data={[
              { value: "", label: "As it is" },
              ...others.map((one) => ({ value: one.version, label: `Compared with ${shortDigest(one.version)}` })),
            ]}
          />
        )
      }
    >
      {against === undefined || against === version ? (
        <pre className="document">{text}</pre>
      ) : (
        <Difference text={text} {...other} />
      )}
    </Panel>
  );
}

function Difference({ text, data, error }: Pick<DocumentProps, "text"> & Other): ReactElement {
  if (data === undefined) return error === null ? <Loading lines={6} /> : <ErrorNote error={error} />;
  return <TextDifference before={data.text} after={text} />;
}
