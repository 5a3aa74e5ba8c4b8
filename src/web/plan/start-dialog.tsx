import { useState, type ReactElement } from "react";
import { Checkbox, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { answered, api } from "#web/api.ts";
import { fieldErrors } from "#web/ui/field-errors.ts";
import { FormDialog } from "#web/ui/form-dialog.tsx";
import { span } from "#web/ui/time.ts";
import { ReasonField } from "./reason-field.tsx";
import type { RunbookPageBody } from "./queries.ts";

/** Asks why and who answers for it, says what will follow, and leads to the page of the run. */
export function StartDialog(props: { readonly page: RunbookPageBody; readonly onClose: () => void }): ReactElement {
  const { name, runbook } = props.page;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [reason, setReason] = useState("");
  const [owner, setOwner] = useState("");
  const [urgent, setUrgent] = useState(false);
  const start = useMutation({
    mutationFn: () =>
      answered(api.startRun({ body: { runbook: name, reason: reason.trim(), owner: owner.trim() || null, urgent } })),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ["runs"] });
      await navigate({ to: "/runs/$id", params: { id } });
    },
  });
  const errors = fieldErrors(start.error, { "no-such-person": "owner", "may-not-hurry": "urgent" });
  return (
    <FormDialog
      title="Begin a run"
      subject={name}
      consequences={consequencesOf(runbook)}
      confirm="Begin"
      tone="good"
      isBusy={start.isPending}
      errors={errors}
      onSubmit={() => start.mutate()}
      onClose={props.onClose}
    >
      <ReasonField value={reason} error={errors.at("reason")} onChange={setReason} />
      <TextInput
        label="Who answers for it"
        placeholder="name of a person; you when empty"
        value={owner}
        error={errors.at("owner")}
        onChange={(event) => setOwner(event.currentTarget.value)}
      />
      <Checkbox
        label="First in every queue, for those who may open an emergency"
        checked={urgent}
        error={errors.at("urgent")}
        onChange={(event) => setUrgent(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}

function consequencesOf(runbook: RunbookPageBody["runbook"]): readonly string[] {
  const begins = "It begins at once, with the version in force and with your rights.";
  if (runbook === null) return [begins];
  const { within, overseer } = runbook;
  const waits = `Steps that change something wait until somebody of ${overseer ?? ""} is present.`;
  return [begins, `It is over within ${span(within)}, way back included.`, ...(overseer === null ? [] : [waits])];
}
