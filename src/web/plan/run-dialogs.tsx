import { useState, type ReactElement } from "react";
import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { shortId } from "#web/release/deployment.ts";
import { fieldErrors } from "#web/ui/field-errors.ts";
import { FormDialog } from "#web/ui/form-dialog.tsx";
import { ReasonDialog } from "#web/ui/reason-dialog.tsx";
import { ReasonField } from "./reason-field.tsx";
import type { Run } from "./run.ts";
import type { RunSearch } from "./search.ts";

interface DialogsProps {
  readonly run: Run;
  readonly ask: RunSearch["ask"];
  readonly onClose: () => void;
}

/** The dialog that the address asks for, where the viewer may do what it is about. */
export function RunDialogs({ run, ask, onClose }: DialogsProps): ReactElement | null {
  if (ask === undefined || !run.actions.some(({ name, allowed }) => name === ask && allowed)) return null;
  return ask === "hand-over" ? (
    <HandOver run={run} onClose={onClose} />
  ) : (
    <Deed run={run} deed={ask} onClose={onClose} />
  );
}

const deeds = {
  "turn-back": {
    title: "Turn back",
    consequence:
      "Nothing new begins. What is under way comes to its end, and what was done is taken back. It cannot be turned forward again.",
    confirm: "Turn it back",
    tone: "bad",
  },
  oversee: {
    title: "Be present as overseer",
    consequence: "Steps that change something begin while you are present. You take over from whoever was.",
    confirm: "I am present",
    tone: "good",
  },
  leave: {
    title: "Leave as overseer",
    consequence: "What has begun goes on; nothing else that changes something begins until somebody else is present.",
    confirm: "Leave",
    tone: "bad",
  },
} as const;

interface DeedProps {
  readonly run: Run;
  readonly deed: keyof typeof deeds;
  readonly onClose: () => void;
}

function Deed({ run, deed, onClose }: DeedProps): ReactElement {
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: async (reason: string | null): Promise<void> => {
      const given = { params: { id: run.id } };
      const why = reason ?? "";
      if (deed === "turn-back") await answered(api.turnRunBack({ ...given, body: { reason: why } }));
      else await answered(api.overseeRun({ ...given, body: { present: deed === "oversee", reason: why } }));
    },
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries();
    },
  });
  return (
    <ReasonDialog
      {...deeds[deed]}
      subject={`${run.runbook} ${shortId(run.id)}`}
      reason="required"
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate(reason)}
      onClose={onClose}
    />
  );
}

function HandOver({ run, onClose }: { readonly run: Run; readonly onClose: () => void }): ReactElement {
  const queries = useQueryClient();
  const [to, setTo] = useState("");
  const [reason, setReason] = useState("");
  const hand = useMutation({
    mutationFn: () =>
      answered(api.handOverRun({ params: { id: run.id }, body: { to: to.trim(), reason: reason.trim() } })),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries();
    },
  });
  const errors = fieldErrors(hand.error, { "no-such-person": "to", "oversees-it": "to", "has-approved": "to" });
  return (
    <FormDialog
      title="Hand over"
      subject={`${run.runbook} ${shortId(run.id)}`}
      consequences={[
        `${to.trim() === "" ? "The person" : to.trim()} answers for the run from now on, in place of ${run.owner}.`,
        "Its steps go on with the rights of who began it.",
      ]}
      confirm="Hand it over"
      tone="good"
      isBusy={hand.isPending}
      errors={errors}
      onSubmit={() => hand.mutate()}
      onClose={onClose}
    >
      <TextInput
        label="To whom"
        placeholder="name of a person"
        data-autofocus
        required
        withAsterisk={false}
        value={to}
        error={errors.at("to")}
        onChange={(event) => setTo(event.currentTarget.value)}
      />
      <ReasonField value={reason} error={errors.at("reason")} onChange={setReason} />
    </FormDialog>
  );
}
