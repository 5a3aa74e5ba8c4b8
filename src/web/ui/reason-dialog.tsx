import { useState, type ReactElement, type ReactNode, type SubmitEvent } from "react";
import { Button, Modal, Textarea } from "@mantine/core";
import type { Tone } from "#web/release/deployment.ts";
import { ErrorNote } from "./widgets.tsx";

/** As long as the contract allows. */
const maxReason = 2000;

interface ReasonDialogProps {
  readonly title: string;
  readonly subject: string;
  readonly consequence: string;
  /** What somebody should have in view while they decide. */
  readonly children?: ReactNode;
  readonly reason: "required" | "optional";
  readonly confirm: string;
  readonly tone: Tone;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onConfirm: (reason: string | null) => void;
  readonly onClose: () => void;
}

/** Asks once, says what will happen, and takes the reason that goes on record. */
export function ReasonDialog(props: ReasonDialogProps): ReactElement {
  const [reason, setReason] = useState("");
  const [isMissing, setIsMissing] = useState(false);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const given = reason.trim();
    if (given === "" && props.reason === "required") {
      setIsMissing(true);
      return;
    }
    props.onConfirm(given === "" ? null : given);
  };
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      lockScroll={false}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form className="stack" onSubmit={submit} noValidate>
        <p>
          <strong>{props.subject}</strong>
        </p>
        <p className="dim">{props.consequence}</p>
        {props.children}
        <ReasonField need={props.reason} reason={reason} isMissing={isMissing} onChange={setReason} />
        {props.error !== null && <ErrorNote error={props.error} />}
        <div className="row dialog-foot">
          <Button type="submit" loading={props.isBusy} color={props.tone === "bad" ? "red" : "tide"}>
            {props.confirm}
          </Button>
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}

interface FieldProps {
  readonly need: ReasonDialogProps["reason"];
  readonly reason: string;
  /** It was sent without one. */
  readonly isMissing: boolean;
  readonly onChange: (reason: string) => void;
}

function ReasonField({ need, reason, isMissing, onChange }: FieldProps): ReactElement {
  return (
    <Textarea
      label={need === "required" ? "Reason" : "Reason (optional)"}
      description="It goes on record under your name."
      data-autofocus
      required={need === "required"}
      withAsterisk={false}
      rows={3}
      maxLength={maxReason}
      value={reason}
      error={isMissing && reason.trim() === "" ? "Say why, in a few words." : null}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
