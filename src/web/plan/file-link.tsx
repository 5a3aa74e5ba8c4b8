import type { ReactElement } from "react";
import { useMutation } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { ErrorNote } from "#web/ui/widgets.tsx";
import { sizeText } from "./chosen-files.ts";
import type { RunStep } from "./run.ts";

interface LinkProps {
  readonly run: string;
  readonly file: RunStep["files"][number];
}

/** A file that came with an answer; it is saved and never opened here, whatever it is. */
export function FileLink({ run, file }: LinkProps): ReactElement {
  const { name, digest, bytes, by } = file;
  const save = useMutation({
    mutationFn: async () => await answered(api.readRunFile({ params: { id: run, digest } })),
    onSuccess: (read) => saveAs(read.name, read.content),
  });
  return (
    <li>
      <button type="button" className="link-button" onClick={() => save.mutate()} disabled={save.isPending}>
        <span className="hidden-visually">Save </span>
        {name}
      </button>
      <span className="small dim">
        {sizeText(bytes)}, {by} · <span className="mono">{digest.slice(0, 19)}…</span>
      </span>
      {save.error !== null && <ErrorNote error={save.error} />}
    </li>
  );
}

function saveAs(name: string, base64: string): void {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
