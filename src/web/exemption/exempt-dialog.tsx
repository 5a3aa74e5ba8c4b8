import { useState, type ReactElement, type ReactNode } from "react";
import { NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import type { ExemptionType } from "#web/policy/acts.ts";
import { namesIn, scopeText } from "#web/release/holds.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Choices } from "#web/ui/choices.tsx";
import { fieldErrors, type FieldErrors } from "#web/ui/field-errors.ts";
import { FormDialog } from "#web/ui/form-dialog.tsx";
import { LongText } from "#web/ui/long-text.tsx";
import { fromLocalField, toLocalField, viewerZone, wire } from "#web/ui/time.ts";
import { TimeField } from "#web/ui/time-field.tsx";
import { ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { lengthText, suggestedEnd } from "./deeds.ts";
import { useExemptions, exemptionTypesQuery, useDeed, type Exemption } from "./queries.ts";

interface DialogProps {
  /** Only types of this rule; null: any. */
  readonly rule: string | null;
  readonly service: string | null;
  readonly environment: string | null;
  readonly onClose: () => void;
}

/** Asks for a time-boxed exemption. It serves nobody before somebody of compliance has approved it. */
export function ExemptDialog(props: DialogProps): ReactElement | null {
  const { data, error } = useQuery(exemptionTypesQuery);
  const types = data?.items.filter((one) => props.rule === null || one.rule === props.rule);
  const [first] = types ?? [];
  if (types !== undefined && first !== undefined) return <ExemptForm {...props} types={types} first={first} />;
  if (types === undefined && error === null) return null;
  return (
    <FormDialog
      title="Ask for an exemption"
      subject="No sort of exemption is granted here"
      consequences={["Nothing: an administrator has to declare one first, as a document of kind ExemptionType."]}
      confirm="Close"
      tone="rest"
      isBusy={false}
      errors={fieldErrors(error, {})}
      onSubmit={props.onClose}
      onClose={props.onClose}
    />
  );
}

interface FormProps extends DialogProps {
  readonly types: readonly ExemptionType[];
  readonly first: ExemptionType;
}

interface Draft {
  readonly type: string;
  readonly justification: string;
  readonly until: string;
  readonly services: string;
  readonly environments: string;
  readonly subjects: readonly string[];
  readonly controls: string;
  readonly renews: string;
}

function ExemptForm({ types, first, service, environment, onClose }: FormProps): ReactElement {
  const now = useNow(60_000);
  const [draft, setDraft] = useState<Draft>(() => firstDraft(first, service, environment, now));
  const type = types.find(({ name }) => name === draft.type) ?? first;
  const ask = useDeed(() => answered(api.requestExemption({ body: bodyOf(draft, type) })), onClose);
  const errors = fieldErrors(ask.error, fields);
  const change = (part: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    ask.reset();
  };
  return (
    <FormDialog
      title="Ask for an exemption"
      subject={
        <>
          From <span className="mono">{type.rule}</span>
        </>
      }
      consequences={consequencesOf(draft, type, now)}
      confirm="Ask for it"
      tone="motion"
      isBusy={ask.isPending}
      errors={errors}
      onSubmit={() => ask.mutate()}
      onClose={onClose}
    >
      <Case draft={draft} types={types} errors={errors} onChange={change} />
      <ScopeOfType draft={draft} type={type} errors={errors} onChange={change} />
      <Renewal type={type.name} value={draft.renews} errors={errors} onChange={(renews) => change({ renews })} />
    </FormDialog>
  );
}

function firstDraft(
  type: ExemptionType,
  service: string | null,
  environment: string | null,
  now: Temporal.Instant,
): Draft {
  return {
    type: type.name,
    justification: "",
    until: toLocalField(suggestedEnd(now, type.maxDuration), viewerZone()),
    services: service ?? "",
    environments: environment ?? "",
    subjects: [],
    controls: "",
    renews: "",
  };
}

interface CaseProps extends Omit<PartProps, "type"> {
  readonly types: readonly ExemptionType[];
}

/** Of which sort, why, and until when. */
function Case({ draft, types, errors, onChange }: CaseProps): ReactElement {
  return (
    <>
      <NativeSelect
        label="Sort"
        value={draft.type}
        error={errors.at("type")}
        onChange={(event) => onChange({ type: event.currentTarget.value, subjects: [], renews: "" })}
        data={types.map(({ name }) => name)}
      />
      <LongText
        label="Why it is needed"
        description="Compliance reads it before approving; it stands in the register."
        value={draft.justification}
        error={errors.at("justification")}
        onChange={(justification) => onChange({ justification })}
      />
      <TimeField
        label="Until"
        required
        value={draft.until}
        error={errors.at("until")}
        onChange={(until) => onChange({ until })}
      />
    </>
  );
}

interface PartProps {
  readonly draft: Draft;
  readonly type: ExemptionType;
  readonly errors: FieldErrors;
  readonly onChange: (part: Partial<Draft>) => void;
}

function ScopeOfType({ draft, type, errors, onChange }: PartProps): ReactElement {
  return (
    <>
      <TextInput
        label="Services"
        description={`The sort is about ${scopeText(type.scope)}; empty: all of that.`}
        value={draft.services}
        error={errors.at("services") ?? errors.at("scope")}
        onChange={(event) => onChange({ services: event.currentTarget.value })}
      />
      <TextInput
        label="Environments"
        value={draft.environments}
        error={errors.at("environments")}
        onChange={(event) => onChange({ environments: event.currentTarget.value })}
      />
      {type.subjects.length > 1 && (
        <Choices
          legend="Of these kinds (none chosen: all)"
          names={type.subjects}
          chosen={draft.subjects}
          error={errors.at("subjects")}
          onChange={(subjects) => onChange({ subjects })}
        />
      )}
      <TextInput
        label="Further controls (optional)"
        description="What else makes up for it: evidence:KIND, canary:PT24H, approval:ROUTE or rollback-plan."
        value={draft.controls}
        error={errors.at("controls")}
        onChange={(event) => onChange({ controls: event.currentTarget.value })}
      />
    </>
  );
}

interface RenewalProps {
  readonly type: string;
  readonly value: string;
  readonly errors: FieldErrors;
  readonly onChange: (renews: string) => void;
}

/** Following upon another one is said, so that chains show; it is offered where one of the sort is open. */
function Renewal({ type, value, errors, onChange }: RenewalProps): ReactElement | null {
  const { data, error } = useExemptions("open");
  if (error !== null) return <ErrorNote error={error} />;
  const before = data?.items.filter((one: Exemption) => one.type === type) ?? [];
  if (before.length === 0) return null;
  return (
    <NativeSelect
      label="Follows upon (optional)"
      value={value}
      error={errors.at("renews")}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        { value: "", label: "Nothing: it is the first one" },
        ...before.map(({ id }) => ({ value: id, label: id })),
      ]}
    />
  );
}

/** Which field a refusal is about. */
const fields = {
  "no-such-exemption-type": "type",
  "bad-span": "until",
  "too-long": "until",
  "outside-type": (detail: string): string | null => / as (\w+)\. /.exec(detail)?.[1] ?? null,
  "exempts-nothing": "services",
  "unverifiable-control": "controls",
  "no-such-exemption": "renews",
  "already-renewed": "renews",
  "other-type": "renews",
  "renewals-used-up": "renews",
} as const;

function bodyOf(draft: Draft, type: ExemptionType): Parameters<typeof api.requestExemption>[0]["body"] {
  const until = fromLocalField(draft.until, viewerZone());
  const services = namesIn(draft.services);
  const environments = namesIn(draft.environments);
  return {
    type: type.name,
    scope: { ...(services && { services }), ...(environments && { environments }) },
    subjects: [...draft.subjects],
    controls: namesIn(draft.controls) ?? [],
    justification: draft.justification.trim(),
    until: until === null ? draft.until : wire(until),
    renews: draft.renews === "" ? null : draft.renews,
  };
}

function consequencesOf(draft: Draft, type: ExemptionType, now: Temporal.Instant): readonly ReactNode[] {
  const until = fromLocalField(draft.until, viewerZone());
  const controls = [...type.controls, ...(namesIn(draft.controls) ?? [])];
  const again = type.renewals === 0 ? "not renewable" : `renewable ${type.renewals} times`;
  return [
    "It serves nobody until somebody with the role compliance, other than you, has approved it.",
    `Then ${type.codes.join(", ")} of ${type.rule} lets work of its scope through${
      controls.length === 0 ? "." : `, as long as these are in place: ${controls.join(", ")}.`
    }`,
    until === null ? (
      "It ends by itself at the instant that you name."
    ) : (
      <>
        It ends by itself <TimeText at={wire(until)} now={now} form="both" />; {lengthText(type.maxDuration)} at the
        longest, {again}.
      </>
    ),
    "Every use of it is on record, with who asked for the deployment.",
  ];
}
