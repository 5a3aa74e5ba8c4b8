import { type DocumentChange, diffDocuments } from "#config/diff.ts";
import { type Document, documentId } from "#config/document.ts";
import type { Kind } from "#config/kind.ts";
import { approvalRoute } from "#config/kinds/approval-route.ts";
import { freeze } from "#config/kinds/freeze.ts";
import { policy } from "#config/kinds/policy.ts";
import { window } from "#config/kinds/window.ts";
import { checkDocuments } from "#config/organisation.ts";
import { isError, type Problem, sortProblems } from "#config/problem.ts";
import { parseSources, type SourceFile } from "#config/source.ts";
import type { Draft, Replacement } from "#core/policy/backtest.ts";
import { err, ok, type Result } from "#core/result.ts";

export interface ReadDraft {
  readonly draft: Draft;
  /** What differs from the configuration in force and is tried. */
  readonly changes: readonly Pick<DocumentChange, "kind" | "name" | "change">[];
  /** What differs and is not tried: facts of the past hold the catalog as it was. */
  readonly ignored: readonly string[];
}

const triedKinds = ["Policy", "Window", "Freeze", "ApprovalRoute"];
/** They say what to expect, and are no part of any configuration. */
const aside = ["State", "PolicyCase"];

/** Reads a draft as `apply` would, in the midst of the documents in force; what equals them is no part of it. */
export function readDraft(
  { files, remove }: { readonly files: readonly SourceFile[]; readonly remove: readonly string[] },
  inForce: readonly Document[],
): Result<ReadDraft, readonly Problem[]> {
  const { documents, problems: unreadable } = parseSources(files);
  const drafts = documents.filter(({ kind }) => !aside.includes(kind));
  const replaced = new Set([...drafts.map(documentId), ...remove]);
  const next = [...inForce.filter((document) => !replaced.has(documentId(document))), ...drafts];
  const unknown = remove.filter((id) => !inForce.some((document) => documentId(document) === id));
  const errors = [...unreadable, ...unknown.map(notThere), ...checkDocuments(next).problems].filter(isError);
  if (errors.length > 0) return err(sortProblems(errors));
  const changes = diffDocuments(inForce, next);
  const tried = changes.filter(({ kind }) => triedKinds.includes(kind));
  const changed = new Set(tried.map(({ kind, name }) => `${kind}/${name}`));
  const own = next.filter((document) => changed.has(documentId(document)));
  const gone = tried.filter(({ change }) => change === "removed");
  return ok({
    draft: {
      policies: replacement(policy, own, gone),
      windows: replacement(window, own, gone),
      freezes: replacement(freeze, own, gone),
      routes: replacement(approvalRoute, own, gone),
    },
    changes: tried.map(({ kind, name, change }) => ({ kind, name, change })),
    ignored: changes.filter(({ kind }) => !triedKinds.includes(kind)).map(({ kind, name }) => `${kind}/${name}`),
  });
}

function replacement<T>(
  kind: Kind<T>,
  documents: readonly Document[],
  gone: readonly Pick<DocumentChange, "kind" | "name">[],
): Replacement<T> {
  const added = documents.flatMap((document) => {
    const decoded = document.kind === kind.kind ? kind.decode(document) : null;
    return decoded?.ok === true ? [decoded.value] : [];
  });
  return { added, removed: new Set(gone.filter((each) => each.kind === kind.kind).map(({ name }) => name)) };
}

function notThere(id: string): Problem {
  return {
    severity: "error",
    path: "remove",
    line: 1,
    column: 1,
    code: "unknown-reference",
    message: `There is no ${id.slice(0, 100)} in force that could be removed.`,
    remedy: "Name a document in force as Kind/name, such as Policy/quality-bar.",
    excerpt: "",
    document: null,
  };
}
