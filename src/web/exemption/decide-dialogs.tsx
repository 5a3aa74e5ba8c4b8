import { useState, type ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { scopeText } from "#web/release/holds.ts";
import { useNow } from "#web/runtime/clock.ts";
import { fieldErrors } from "#web/ui/field-errors.ts";
import { FormDialog } from "#web/ui/form-dialog.tsx";
import { LongText } from "#web/ui/long-text.tsx";
import { ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import {
  useDebts,
  emergenciesQuery,
  useExemptions,
  useDeed,
  type Debt,
  type Emergency,
  type Exemption,
} from "./queries.ts";

interface DialogProps {
  readonly id: string;
  readonly onClose: () => void;
}

export function ApproveExemption({ id, onClose }: DialogProps): ReactElement | null {
  const { data, error } = useExemptions("open");
  const one = data?.items.find((each) => each.id === id);
  return one === undefined ? <Missing error={error} /> : <ApproveExemptionForm one={one} onClose={onClose} />;
}

function Missing({ error }: { readonly error: unknown }): ReactElement | null {
  return error === null ? null : <ErrorNote error={error} />;
}

interface ExemptionProps {
  readonly one: Exemption;
  readonly onClose: () => void;
}

function ApproveExemptionForm({ one, onClose }: ExemptionProps): ReactElement {
  const now = useNow(30_000);
  const approve = useDeed(() => answered(api.approveExemption({ params: { id: one.id } })), onClose);
  return (
    <FormDialog
      title={`Approve ${one.id}`}
      subject={`${one.type}, from ${one.rule}, asked for by ${one.requestedBy}: ${one.justification}`}
      consequences={[
        `From now on ${one.codes.join(", ")} of ${one.rule} lets through what it is about: ${scopeText(one.scope)}.`,
        one.controls.length === 0
          ? "Nothing has to make up for it."
          : `At every use these have to be in place: ${one.controls.join(", ")}.`,
        <>
          It ends by itself <TimeText at={one.until} now={now} form="both" />. You can revoke it before.
        </>,
        "Waiting work that may use it is judged again at once.",
      ]}
      confirm="Approve it"
      tone="good"
      isBusy={approve.isPending}
      errors={fieldErrors(approve.error, {})}
      onSubmit={() => approve.mutate()}
      onClose={onClose}
    />
  );
}

/** Ends an exemption before its time; one that nobody has approved is rejected by it. */
export function RevokeExemption({ id, onClose }: DialogProps): ReactElement | null {
  const { data, error } = useExemptions("open");
  const one = data?.items.find((each) => each.id === id);
  return one === undefined ? <Missing error={error} /> : <RevokeExemptionForm one={one} onClose={onClose} />;
}

function RevokeExemptionForm({ one, onClose }: ExemptionProps): ReactElement {
  const [reason, setReason] = useState("");
  const isNew = one.state === "requested";
  const revoke = useDeed(
    () => answered(api.revokeExemption({ params: { id: one.id }, body: { reason: reason.trim() } })),
    onClose,
  );
  const errors = fieldErrors(revoke.error, {});
  return (
    <FormDialog
      title={`${isNew ? "Reject" : "Revoke"} ${one.id}`}
      subject={`${one.type}, from ${one.rule}, asked for by ${one.requestedBy}: ${one.justification}`}
      consequences={[
        isNew ? "It will never serve anybody; another one can be asked for." : "From now on it lets nothing through.",
        isNew ? "Your reason stands in the register." : "Waiting work that would have used it is judged again at once.",
      ]}
      confirm={isNew ? "Reject it" : "Revoke it"}
      tone="bad"
      isBusy={revoke.isPending}
      errors={errors}
      onSubmit={() => revoke.mutate()}
      onClose={onClose}
    >
      <LongText label="Reason" value={reason} error={errors.at("reason")} onChange={setReason} />
    </FormDialog>
  );
}

export function ApproveEmergency({ id, onClose }: DialogProps): ReactElement | null {
  const { data, error } = useQuery(emergenciesQuery);
  const one = data?.items.find((each) => each.id === id);
  return one === undefined ? <Missing error={error} /> : <ApproveEmergencyForm one={one} onClose={onClose} />;
}

function ApproveEmergencyForm(props: { readonly one: Emergency; readonly onClose: () => void }): ReactElement {
  const { one, onClose } = props;
  const approve = useDeed(() => answered(api.approveEmergency({ params: { id: one.id } })), onClose);
  const felt = one.impact === null ? "it is not known by whom" : one.impact.join(", ") || "nobody else";
  return (
    <FormDialog
      title={`Approve ${one.id}`}
      subject={`${one.service} ${one.version} in ${one.environments.join(", ")}, ${one.ticket}: ${one.cause || "no cause"}`}
      consequences={[
        "With the last approval that is needed its permission begins: windows and soft freezes no longer stop it.",
        one.passesFreezes.length === 0
          ? "No hard freeze is passed."
          : `It also passes the hard freezes ${one.passesFreezes.join(", ")}.`,
        `It would be felt by: ${felt}.`,
        "It counts only if you are on duty and neither opened the ticket nor made the change.",
      ]}
      confirm="Approve it"
      tone="bad"
      isBusy={approve.isPending}
      errors={fieldErrors(approve.error, {})}
      onSubmit={() => approve.mutate()}
      onClose={onClose}
    />
  );
}

export function PayDebt({ id, onClose }: DialogProps): ReactElement | null {
  const { data, error } = useDebts("open");
  const one = data?.items.find((each) => each.id === id);
  return one === undefined ? <Missing error={error} /> : <PayDebtForm one={one} onClose={onClose} />;
}

const asks: Readonly<Record<Debt["kind"], string>> = {
  review: "Where its minutes or findings stand.",
  "back-merge": "The commit, or the request that brought it back.",
  rehearsal: "The run, or its record.",
};

function PayDebtForm({ one, onClose }: { readonly one: Debt; readonly onClose: () => void }): ReactElement {
  const now = useNow(30_000);
  const [evidence, setEvidence] = useState("");
  const pay = useDeed(
    () => answered(api.payDebt({ params: { id: one.id }, body: { evidence: evidence.trim() } })),
    onClose,
  );
  const errors = fieldErrors(pay.error, {});
  return (
    <FormDialog
      title={`The ${one.kind} is done`}
      subject={
        <>
          {one.id}: {one.kind} of {one.emergency}, owed by team {one.team}, due{" "}
          <TimeText at={one.dueAt} now={now} form="both" />
        </>
      }
      consequences={[
        "It is on record under your name, and stays: what is paid cannot be owed again.",
        ...(one.kind === "review" ? ["A review counts only from somebody who had no part in the emergency."] : []),
        `Waiting work of team ${one.team} is judged again at once.`,
      ]}
      confirm="It is done"
      tone="good"
      isBusy={pay.isPending}
      errors={errors}
      onSubmit={() => pay.mutate()}
      onClose={onClose}
    >
      <LongText
        label="Where it can be seen"
        description={asks[one.kind]}
        value={evidence}
        error={errors.at("evidence")}
        onChange={setEvidence}
      />
    </FormDialog>
  );
}
