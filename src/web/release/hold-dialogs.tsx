import { useState, type ReactElement, type ReactNode, type SubmitEvent } from "react";
import { Button, Checkbox, Modal, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { fromLocalField, viewerZone, wire } from "#web/ui/time.ts";
import { ErrorNote } from "#web/ui/widgets.tsx";
import { namesIn } from "./holds.ts";

/** As long as the contract allows. */
const maxReason = 2000;

interface FrameProps {
  readonly title: string;
  readonly consequence: string;
  readonly confirm: string;
  readonly reason: string;
  readonly onReason: (reason: string) => void;
  readonly until: string;
  readonly onUntil: (until: string) => void;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Fields of the case, then why and until when. */
function Frame(props: FrameProps): ReactElement {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    props.onConfirm();
  };
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      lockScroll={false}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form className="stack" onSubmit={submit}>
        <p className="dim">{props.consequence}</p>
        {props.children}
        <Textarea
          label="Reason"
          description="Everybody whom it stops reads it."
          required
          withAsterisk={false}
          rows={3}
          maxLength={maxReason}
          value={props.reason}
          onChange={(event) => props.onReason(event.currentTarget.value)}
        />
        <label className="time-field">
          <span className="field-label">Until ({viewerZone()}), or empty: until somebody ends it</span>
          <input
            type="datetime-local"
            value={props.until}
            onChange={(event) => props.onUntil(event.currentTarget.value)}
          />
        </label>
        {props.error !== null && <ErrorNote error={props.error} />}
        <div className="row dialog-foot">
          <Button type="submit" loading={props.isBusy} color="red">
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

function untilOf(text: string): string | null {
  const at = fromLocalField(text, viewerZone());
  return at === null ? null : wire(at);
}

export function StopDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const [allowsRollBack, setAllowsRollBack] = useState(true);
  const stop = useMutation({
    mutationFn: () => answered(api.stopAll({ body: { reason: reason.trim(), until: untilOf(until), allowsRollBack } })),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries();
    },
  });
  return (
    <Frame
      title="Stop everything"
      consequence="Nothing starts anywhere, in any environment. What runs already is left to its own rules."
      confirm="Stop everything"
      reason={reason}
      onReason={setReason}
      until={until}
      onUntil={setUntil}
      isBusy={stop.isPending}
      error={stop.error}
      onConfirm={() => stop.mutate()}
      onClose={onClose}
    >
      <Checkbox
        label="Roll-backs may start"
        checked={allowsRollBack}
        onChange={(event) => setAllowsRollBack(event.currentTarget.checked)}
      />
    </Frame>
  );
}

const fields = [
  { name: "services", label: "Services", example: "checkout-* ledger-core" },
  { name: "environments", label: "Environments", example: "prod-*" },
  { name: "teams", label: "Teams", example: "ledger" },
] as const;

type Names = Readonly<Record<(typeof fields)[number]["name"], string>>;

function scopeOf(names: Names): Readonly<Record<string, string[]>> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([field, text]) => {
      const named = namesIn(text);
      return named === undefined ? [] : [[field, named]];
    }),
  );
}

function ScopeFields(props: { readonly names: Names; readonly onNames: (names: Names) => void }): ReactElement {
  return (
    <>
      {fields.map(({ name, label, example }) => (
        <TextInput
          key={name}
          label={label}
          placeholder={example}
          value={props.names[name]}
          onChange={(event) => props.onNames({ ...props.names, [name]: event.currentTarget.value })}
        />
      ))}
    </>
  );
}

export function HoldDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const [liftedBy, setLiftedBy] = useState("");
  const [names, setNames] = useState<Names>({ services: "", environments: "", teams: "" });
  const scope = scopeOf(names);
  const hold = useMutation({
    mutationFn: () =>
      answered(
        api.placeHold({
          body: { scope, reason: reason.trim(), until: untilOf(until), liftedBy: liftedBy.trim() || null },
        }),
      ),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries();
    },
  });
  const isEverything = Object.keys(scope).length === 0;
  return (
    <Frame
      title="Place a hold"
      consequence={
        isEverything
          ? "Holds everything: name services, environments or teams to hold less."
          : "Holds what matches all of these; names may have * and ?."
      }
      confirm={isEverything ? "Hold everything" : "Hold it"}
      reason={reason}
      onReason={setReason}
      until={until}
      onUntil={setUntil}
      isBusy={hold.isPending}
      error={hold.error}
      onConfirm={() => hold.mutate()}
      onClose={onClose}
    >
      <ScopeFields names={names} onNames={setNames} />
      <TextInput
        label="Who may lift it"
        placeholder="a person, a team or a role; you when empty"
        value={liftedBy}
        onChange={(event) => setLiftedBy(event.currentTarget.value)}
      />
    </Frame>
  );
}
