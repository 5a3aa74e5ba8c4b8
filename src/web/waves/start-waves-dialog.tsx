import { useState, type ReactElement } from "react";
import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { answered, api } from "#web/api.ts";
import { ReasonField } from "#web/plan/reason-field.tsx";
import { fieldErrors } from "#web/ui/field-errors.ts";
import { FormDialog } from "#web/ui/form-dialog.tsx";
import type { Forecast, WavePlan, WaveQuestion } from "./queries.ts";

interface DialogProps {
  readonly plan: WavePlan;
  readonly question: WaveQuestion;
  readonly forecast: Forecast;
  readonly onClose: () => void;
}

/** Shows the verdict once more, asks why and who answers for it, and leads to the command view of the run. */
export function StartWavesDialog({ plan, question, forecast, onClose }: DialogProps): ReactElement {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [reason, setReason] = useState("");
  const [owner, setOwner] = useState("");
  const start = useMutation({
    mutationFn: () =>
      answered(
        api.startWaves({
          params: { name: plan.name },
          body: { ...question, reason: reason.trim(), owner: owner.trim() || null },
        }),
      ),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ["runs"] });
      await navigate({ to: "/runs/$id", params: { id } });
    },
    // Something has changed since the forecast: what is shown behind the dialog must say so too.
    onError: () => queries.invalidateQueries({ queryKey: ["wave-forecast"] }),
  });
  const errors = fieldErrors(start.error, { "no-such-person": "owner" });
  return (
    <FormDialog
      title="Begin the waves"
      subject={`${plan.service} ${forecast.version}: ${plan.name}`}
      consequences={consequencesOf(forecast)}
      confirm="Begin"
      tone="good"
      isBusy={start.isPending}
      errors={errors}
      onSubmit={() => start.mutate()}
      onClose={onClose}
    >
      <ReasonField value={reason} error={errors.at("reason")} onChange={setReason} />
      <TextInput
        label="Who answers for it"
        placeholder="name of a person; you when empty"
        value={owner}
        error={errors.at("owner")}
        onChange={(event) => setOwner(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

function consequencesOf({ headline, plan }: Forecast): readonly string[] {
  const failed =
    plan.whenFailed === "take-back"
      ? "When a target fails, nothing that has not begun begins, and what went before is taken back."
      : `When a target fails, nothing that has not begun begins; what went well stays, and ${plan.owner} decides.`;
  return [
    headline,
    "It is asked again when you press the button: what does not fit any more does not begin.",
    "Every target is a deployment of its own, judged at its start with your rights.",
    failed,
    ...(plan.overseer === null ? [] : [`Targets wait until somebody of ${plan.overseer} is present.`]),
  ];
}
