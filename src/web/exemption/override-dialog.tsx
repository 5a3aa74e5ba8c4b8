import { useState, type ReactElement, type ReactNode } from "react";
import { NativeSelect } from "@mantine/core";
import { answered, api } from "#web/api.ts";
import { useNow } from "#web/runtime/clock.ts";
import { fieldErrors } from "#web/ui/field-errors.ts";
import { FormDialog } from "#web/ui/form-dialog.tsx";
import { LongText } from "#web/ui/long-text.tsx";
import { wire } from "#web/ui/time.ts";
import { TimeText } from "#web/ui/widgets.tsx";
import { useDeed } from "./queries.ts";

interface DialogProps {
  readonly deployment: string;
  /** `ledger-core 2.8.0 to prod-emea`. */
  readonly subject: string;
  readonly rule: string;
  readonly onClose: () => void;
}

/** As long as the contract allows, and the usual in between. */
const lengths = [1, 2, 4, 8] as const;
const usual = 4;

const fields = { "bad-span": "lasts" } as const;

/** Passes what one rule finds of one deployment now, for some hours. */
export function OverrideDialog({ deployment, subject, rule, onClose }: DialogProps): ReactElement {
  const now = useNow(30_000);
  const [reason, setReason] = useState("");
  const [hours, setHours] = useState<number>(usual);
  const override = useDeed(
    () =>
      answered(
        api.overrideFinding({
          params: { id: deployment },
          body: { rule, reason: reason.trim(), lasts: `PT${hours}H` },
        }),
      ),
    onClose,
  );
  const errors = fieldErrors(override.error, fields);
  return (
    <FormDialog
      title={`Override ${rule}`}
      subject={subject}
      consequences={consequencesOf(rule, now.add({ hours }), now)}
      confirm="Override it"
      tone="bad"
      isBusy={override.isPending}
      errors={errors}
      onSubmit={() => override.mutate()}
      onClose={onClose}
    >
      <LongText
        label="Reason"
        description="It goes on record under your name."
        value={reason}
        error={errors.at("reason")}
        onChange={setReason}
      />
      <NativeSelect
        label="For"
        value={String(hours)}
        error={errors.at("lasts")}
        onChange={(event) => setHours(lengths.find((one) => String(one) === event.currentTarget.value) ?? usual)}
        data={lengths.map((one) => ({ value: String(one), label: one === 1 ? "1 hour" : `${one} hours` }))}
      />
    </FormDialog>
  );
}

function consequencesOf(rule: string, until: Temporal.Instant, now: Temporal.Instant): readonly ReactNode[] {
  return [
    <>
      What <span className="mono">{rule}</span> finds now no longer stops this deployment until{" "}
      <TimeText at={wire(until)} now={now} form="both" />. What it finds later does.
    </>,
    "It holds for exactly this content and for no other deployment. Every other rule goes on to stop it.",
    "It takes effect at once: nobody approves it. It stands in the register under your name, with this reason.",
  ];
}
