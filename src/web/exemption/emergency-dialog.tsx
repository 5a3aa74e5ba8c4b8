import { useState, type ReactElement, type ReactNode } from "react";
import { TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { z } from "zod";
import type { openEmergency } from "#contract/emergency.ts";
import { answered, api } from "#web/api.ts";
import { namesIn } from "#web/release/holds.ts";
import { useService, type ServicePage } from "#web/release/service.ts";
import { Choices } from "#web/ui/choices.tsx";
import { fieldErrors, type FieldErrors } from "#web/ui/field-errors.ts";
import { FormDialog } from "#web/ui/form-dialog.tsx";
import { LongText } from "#web/ui/long-text.tsx";
import { ErrorNote } from "#web/ui/widgets.tsx";
import { laneSentences, strictestLane } from "./deeds.ts";
import { useDeed } from "./queries.ts";

interface DialogProps {
  readonly service: string | null;
  readonly version: string | null;
  readonly environment: string | null;
  readonly onClose: () => void;
}

interface Draft {
  readonly ticket: string;
  readonly cause: string;
  readonly service: string;
  readonly version: string;
  readonly environments: string;
  readonly criteria: readonly string[];
  readonly passesFreezes: string;
}

/** Which field a refusal is about. */
const fields = {
  "no-such-service": "service",
  "no-such-environment": "environments",
  "no-such-artifact": "version",
  "no-such-freeze": "passesFreezes",
} as const;

/** Declares an emergency: says before what it will take, and leads to the question as an emergency afterwards. */
export function EmergencyDialog(props: DialogProps): ReactElement {
  const [draft, setDraft] = useState<Draft>({
    ticket: "",
    cause: "",
    service: props.service ?? "",
    version: props.version ?? "",
    environments: props.environment ?? "",
    criteria: [],
    passesFreezes: "",
  });
  const { data: page, error: unread } = useService(draft.service);
  const environments = namesIn(draft.environments) ?? [];
  const lane = strictestLane(lanesOf(page, environments));
  const open = useOpening(draft, environments);
  const errors = fieldErrors(open.error, fields);
  const change = (part: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    open.reset();
  };
  return (
    <FormDialog
      title="Declare an emergency"
      subject={
        draft.service === "" ? "For one version, in the places that you name" : `${draft.service} ${draft.version}`
      }
      consequences={consequencesOf(page, lane)}
      confirm="Declare it"
      tone="bad"
      isBusy={open.isPending}
      errors={errors}
      onSubmit={() => open.mutate()}
      onClose={props.onClose}
    >
      <CauseFields draft={draft} errors={errors} onChange={change} />
      <PlaceFields draft={draft} errors={errors} onChange={change} isKnown={props.service !== null} />
      {unread !== null && draft.service === props.service && <ErrorNote error={unread} />}
      {lane !== null && lane.criteria.length > 0 && (
        <Choices
          legend="You confirm that"
          names={lane.criteria}
          chosen={draft.criteria}
          onChange={(criteria) => change({ criteria })}
        />
      )}
    </FormDialog>
  );
}

/** Opens the ticket, and goes on to the question as an emergency. */
function useOpening(draft: Draft, environments: string[]): ReturnType<typeof useDeed<Opened>> {
  const navigate = useNavigate();
  return useDeed(
    () => answered(api.openEmergency({ body: bodyOf(draft, environments) })),
    ({ service, version, environments: [environment] }) => {
      const search = { service, version, class: "emergency" as const, ...(environment && { environment }) };
      void navigate({ to: "/why", search });
    },
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly errors: FieldErrors;
  readonly onChange: (part: Partial<Draft>) => void;
}

function CauseFields({ draft, errors, onChange }: FieldsProps): ReactElement {
  return (
    <>
      <TextInput
        label="Ticket of the incident"
        placeholder="INC-1042"
        required
        withAsterisk={false}
        data-autofocus
        maxLength={100}
        value={draft.ticket}
        error={errors.at("ticket")}
        onChange={(event) => onChange({ ticket: event.currentTarget.value })}
      />
      <LongText
        label="Cause"
        description="What is broken, and why it cannot wait. Without one nothing is permitted."
        place="later"
        value={draft.cause}
        error={errors.at("cause")}
        onChange={(cause) => onChange({ cause })}
      />
    </>
  );
}

function PlaceFields({ draft, errors, onChange, isKnown }: FieldsProps & { readonly isKnown: boolean }): ReactElement {
  return (
    <>
      {(!isKnown || errors.at("service") !== null || errors.at("version") !== null) && (
        <>
          <TextInput
            label="Service"
            required
            withAsterisk={false}
            value={draft.service}
            error={errors.at("service")}
            onChange={(event) => onChange({ service: event.currentTarget.value.trim() })}
          />
          <TextInput
            label="Version"
            required
            withAsterisk={false}
            value={draft.version}
            error={errors.at("version")}
            onChange={(event) => onChange({ version: event.currentTarget.value.trim() })}
          />
        </>
      )}
      <TextInput
        label="Environments"
        description="By name, separated by blanks."
        required
        withAsterisk={false}
        value={draft.environments}
        error={errors.at("environments")}
        onChange={(event) => onChange({ environments: event.currentTarget.value })}
      />
      <TextInput
        label="Hard freezes that it may pass (optional)"
        description="By name, separated by blanks. Soft freezes need no mention."
        value={draft.passesFreezes}
        error={errors.at("passesFreezes")}
        onChange={(event) => onChange({ passesFreezes: event.currentTarget.value })}
      />
    </>
  );
}

type Opened = z.infer<(typeof openEmergency.answers)[200]>;
type Lane = ServicePage["environments"][number]["emergency"];

function lanesOf(page: ServicePage | undefined, environments: readonly string[]): readonly Lane[] {
  return (page?.environments ?? []).filter(({ name }) => environments.includes(name)).map(({ emergency }) => emergency);
}

function bodyOf(draft: Draft, environments: string[]): Parameters<typeof api.openEmergency>[0]["body"] {
  return {
    ticket: draft.ticket.trim(),
    cause: draft.cause.trim(),
    service: draft.service,
    version: draft.version,
    environments,
    criteria: [...draft.criteria],
    passesFreezes: namesIn(draft.passesFreezes) ?? [],
  };
}

/** Names in one sentence; beyond it they are counted. */
const shownNames = 6;

function consequencesOf(page: ServicePage | undefined, lane: Lane | null): readonly ReactNode[] {
  const dependants = page?.dependants ?? [];
  const more = dependants.length > shownNames ? ` and ${dependants.length - shownNames} more` : "";
  return [
    dependants.length === 0
      ? "Everybody of the teams that would feel it is told at once."
      : `The teams of it and of what would feel it are told at once: ${dependants.slice(0, shownNames).join(", ")}${more}.`,
    ...(lane === null
      ? ["Name service and environments to read what it needs and what it will owe."]
      : laneSentences(lane)),
    "It deploys nothing: request the deployment as an emergency afterwards.",
  ];
}
