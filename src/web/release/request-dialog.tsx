import { useRef, useState, type ReactElement, type SubmitEvent } from "react";
import { Button, Checkbox, Modal, NativeSelect } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { answered, api } from "#web/api.ts";
import { meQuery } from "#web/access/session.ts";
import { useZoneOf } from "#web/policy/questions.ts";
import { classes, type ChangeClass } from "#web/policy/search.ts";
import type { Verdict } from "#web/policy/verdict.ts";
import { VerdictParts } from "#web/policy/why-panel.tsx";
import { CommandLine, ErrorNote, Note } from "#web/ui/widgets.tsx";
import { deployCommand, whyCommand } from "./command-line.ts";
import { useMatrix } from "./queries.ts";
import type { DeploymentSearch } from "./search.ts";
import { StrategyPreview } from "./strategy-preview.tsx";
import { VersionField } from "./version-field.tsx";

const risks = ["low", "high"] as const;

interface Wish {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly class: ChangeClass;
  /** Absent: that of the service's tier. */
  readonly risk?: (typeof risks)[number];
  readonly hasRollbackPlan?: true;
}

/** What a field changes; undefined takes an optional answer back. */
type WishPart = { readonly [K in keyof Wish]?: Wish[K] | undefined };

function changed(before: Wish, part: WishPart): Wish {
  const { risk, hasRollbackPlan, ...rest } = { ...before, ...part };
  const { service = "", version = "", environment = "", class: changeClass = "normal" } = rest;
  return {
    service,
    version,
    environment,
    class: changeClass,
    ...(risk === undefined ? {} : { risk }),
    ...(hasRollbackPlan === undefined ? {} : { hasRollbackPlan }),
  };
}

interface DialogProps {
  readonly search: DeploymentSearch;
  readonly onClose: () => void;
}

/** Two steps: the verdict on what is asked for, with every finding, and only then the request itself. */
export function RequestDialog({ search, onClose }: DialogProps): ReactElement {
  const [wish, setWish] = useState<Wish>({
    service: search.service ?? "",
    version: search.version ?? "",
    environment: search.environment ?? "",
    class: "normal",
  });
  const ask = useMutation({
    mutationFn: (given: Wish) => answered(api.askVerdict({ body: given })),
  });
  const change = (part: WishPart): void => {
    setWish((before) => changed(before, part));
    ask.reset();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title="Request a deployment"
      size="lg"
      lockScroll={false}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <div className="stack">
        <WishForm
          wish={wish}
          onChange={change}
          onAsk={() => ask.mutate(wish)}
          isAsking={ask.isPending}
          hasVerdict={ask.data !== undefined}
        />
        {ask.error !== null && <ErrorNote error={ask.error} />}
        {ask.data !== undefined && (
          <>
            <DialogVerdict verdict={ask.data} wish={wish} />
            <RequestStep wish={wish} verdict={ask.data} />
          </>
        )}
      </div>
    </Modal>
  );
}

/** The same panel as everywhere; its picture and its slider have a page of their own. */
function DialogVerdict({ verdict, wish }: { readonly verdict: Verdict; readonly wish: Wish }): ReactElement {
  const { data: me } = useQuery(meQuery);
  const zone = useZoneOf(wish.environment);
  const { service, version, environment, class: changeClass } = wish;
  const context = { zone, environment, viewer: { me, allowed: [], ways: null }, onAsk: () => undefined };
  return (
    <div className="stack verdict">
      <VerdictParts verdict={verdict} context={context} />
      <p className="small">
        <Link to="/why" search={{ service, version, environment, class: changeClass }}>
          The coming days, rule by rule
        </Link>
      </p>
    </div>
  );
}

interface FormProps {
  readonly wish: Wish;
  readonly onChange: (part: WishPart) => void;
  readonly onAsk: () => void;
  readonly isAsking: boolean;
  readonly hasVerdict: boolean;
}

function WishForm({ wish, onChange, onAsk, isAsking, hasVerdict }: FormProps): ReactElement {
  const { data: matrix } = useMatrix(undefined);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onAsk();
  };
  const pick = (label: string) => ({ value: "", label, disabled: true });
  return (
    <form className="request-form" onSubmit={submit}>
      <NativeSelect
        label="Service"
        required
        withAsterisk={false}
        data-autofocus
        value={wish.service}
        onChange={(event) => onChange({ service: event.currentTarget.value })}
        data={[pick("Choose a service"), ...(matrix?.services.map(({ name }) => name) ?? [])]}
      />
      <VersionField service={wish.service} value={wish.version} onChange={(version) => onChange({ version })} />
      <NativeSelect
        label="Environment"
        required
        withAsterisk={false}
        value={wish.environment}
        onChange={(event) => onChange({ environment: event.currentTarget.value })}
        data={[pick("Choose an environment"), ...(matrix?.environments.map(({ name }) => name) ?? [])]}
      />
      <NativeSelect
        label="Class"
        value={wish.class}
        onChange={(event) => {
          const chosen = classes.find((one) => one === event.currentTarget.value);
          if (chosen !== undefined) onChange({ class: chosen });
        }}
        data={[...classes]}
      />
      <StrategyPreview service={wish.service} environment={wish.environment} class={wish.class} />
      <RiskFields wish={wish} onChange={onChange} />
      <AskButton isAsking={isAsking} hasVerdict={hasVerdict} />
    </form>
  );
}

/** The requester's own judgement: with it work of high risk keeps to quiet hours and needs a way back. */
function RiskFields({ wish, onChange }: Pick<FormProps, "wish" | "onChange">): ReactElement {
  return (
    <>
      <NativeSelect
        label="Risk"
        value={wish.risk ?? ""}
        onChange={(event) => onChange({ risk: risks.find((one) => one === event.currentTarget.value) })}
        data={[{ value: "", label: "As the tier of the service says" }, ...risks]}
      />
      <Checkbox
        className="request-plan"
        label="There is a plan for the way back"
        description="A change of high risk needs one."
        checked={wish.hasRollbackPlan === true}
        onChange={(event) => onChange({ hasRollbackPlan: event.currentTarget.checked ? true : undefined })}
      />
    </>
  );
}

function AskButton({ isAsking, hasVerdict }: Pick<FormProps, "isAsking" | "hasVerdict">): ReactElement {
  return (
    <div className="row request-ask">
      <Button type="submit" variant={hasVerdict ? "default" : "filled"} loading={isAsking}>
        {hasVerdict ? "Judge again" : "Show the verdict"}
      </Button>
      <span className="small dim">Asking changes nothing.</span>
    </div>
  );
}

function RequestStep({ wish, verdict }: { readonly wish: Wish; readonly verdict: Verdict }): ReactElement {
  const navigate = useNavigate();
  const [mayWait, setMayWait] = useState(true);
  const key = useRef<string>(undefined);
  const request = useMutation({
    mutationFn: () => {
      // One key for this dialog: pressing again after a lost answer asks for the same deployment, not for a second one.
      key.current ??= crypto.getRandomValues(new Uint32Array(4)).join("-");
      return answered(
        api.requestDeployment({ key: key.current, body: { ...wish, whenBlocked: mayWait ? "wait" : "fail" } }),
      );
    },
    onSuccess: ({ id }) => navigate({ to: "/deployments/$id", params: { id } }),
    onError: () => {
      key.current = undefined;
    },
  });
  const isAllowed = verdict.verdict === "allow";
  return (
    <div className="stack request-step">
      {!isAllowed && (
        <Checkbox
          label="Wait until it is allowed"
          description={
            mayWait
              ? "It starts by itself when every rule passes."
              : "It ends as rejected when it is not allowed at once."
          }
          checked={mayWait}
          onChange={(event) => setMayWait(event.currentTarget.checked)}
        />
      )}
      {!isAllowed && !mayWait && (
        <Note tone="wait" icon="warning">
          As the verdict stands, this request will be rejected.
        </Note>
      )}
      {request.error !== null && <ErrorNote error={request.error} />}
      <div className="row">
        <Button onClick={() => request.mutate()} loading={request.isPending}>
          {isAllowed ? "Deploy now" : "Request it"}
        </Button>
        <CommandLine command={isAllowed ? deployCommand(wish) : whyCommand(wish)} />
      </div>
    </div>
  );
}
