import { useRef, type ReactElement, type ReactNode, type SubmitEvent } from "react";
import { Button, Modal } from "@mantine/core";
import type { Tone } from "#web/release/deployment.ts";
import type { FieldErrors } from "./field-errors.ts";
import { useFocusOnInvalid } from "./focus-invalid.ts";
import { ErrorNote } from "./widgets.tsx";

interface FormDialogProps {
  readonly title: string;
  /** What it is about. */
  readonly subject: ReactNode;
  /** What will follow, one sentence each; read before the button is pressed. */
  readonly consequences: readonly ReactNode[];
  readonly confirm: string;
  readonly tone: Tone;
  readonly isBusy: boolean;
  /** What the server has refused; the first field that it is about takes the focus. */
  readonly errors: FieldErrors;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/** Fields, then what will follow, then one button: nothing happens before that is read and pressed. */
export function FormDialog(props: FormDialogProps): ReactElement {
  const form = useRef<HTMLFormElement>(null);
  const { errors, isBusy } = props;
  useFocusOnInvalid(form, errors.hasSome && !isBusy);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    props.onSubmit();
  };
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      size="lg"
      lockScroll={false}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form ref={form} className="stack" onSubmit={submit}>
        <p>
          <strong>{props.subject}</strong>
        </p>
        {props.children}
        <section aria-label="What will follow" className="consequences">
          <h3>What will follow</h3>
          <ul>
            {props.consequences.map((sentence, index) => (
              // The list is made anew with every change of the form and never reordered.
              // oxlint-disable-next-line react/no-array-index-key
              <li key={index}>{sentence}</li>
            ))}
          </ul>
        </section>
        {errors.rest !== null && <ErrorNote error={errors.rest} />}
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
