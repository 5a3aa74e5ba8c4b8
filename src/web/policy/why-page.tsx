import { useState, type ReactElement } from "react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { NativeSelect } from "@mantine/core";
import { DeedDialog } from "#web/exemption/deed-dialog.tsx";
import { useViewer } from "#web/exemption/use-viewer.ts";
import { whyCommand } from "#web/release/command-line.ts";
import { useMatrix } from "#web/release/queries.ts";
import { present } from "#web/release/search.ts";
import { VersionField } from "#web/release/version-field.tsx";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { CommandLine, CopyButton, EmptyState, ErrorNote } from "#web/ui/widgets.tsx";
import { may } from "./acts.ts";
import { useVerdictAt, useZoneOf, type Question } from "./questions.ts";
import { classes, type QuestionSearch } from "./search.ts";
import { WhyPanel } from "./why-panel.tsx";

/** The question about any service, version and environment, with its whole answer. Asking changes nothing. */
export function WhyPage(): ReactElement {
  const search = useSearch({ from: "/why" });
  const navigate = useNavigate({ from: "/why" });
  const change = (part: QuestionSearch): void =>
    void navigate({ search: present({ ...search, ...part }), replace: true });
  const question = questionOf(search);
  return (
    <Page
      title="Why"
      heading={question === null ? "Why, and until when?" : <Heading question={question} />}
      side={<CopyButton text={location.href} label="Copy link" describes="to this question" />}
    >
      <QuestionForm search={search} onChange={change} />
      {question === null ? (
        <div className="panel">
          <EmptyState
            icon="question"
            title="Ask before you deploy"
            command="tidegate why SERVICE@VERSION --to ENVIRONMENT"
          >
            Choose a service, one of its versions and an environment. The answer has every reason, who can change it,
            and when it opens. Asking changes nothing.
          </EmptyState>
        </div>
      ) : (
        <Answer question={question} search={search} onSearch={change} />
      )}
    </Page>
  );
}

function Heading({ question }: { readonly question: Question }): ReactElement {
  return (
    <>
      <span className="dim">May</span>{" "}
      <Link to="/services/$name" params={{ name: question.service }} className="heading-link">
        {question.service}
      </Link>{" "}
      <span className="mono">{question.version}</span> <span className="dim">go to</span> {question.environment}
      <span className="dim">?</span>
    </>
  );
}

function questionOf(search: QuestionSearch): Question | null {
  const { service, version, environment, deployment } = search;
  if (service === undefined || version === undefined || environment === undefined) return null;
  const subject = { service, version, environment, class: search.class ?? "normal" };
  return deployment === undefined ? subject : { ...subject, deployment };
}

interface FormProps {
  readonly search: QuestionSearch;
  readonly onChange: (part: QuestionSearch) => void;
}

/** Another subject is another question: it has no deployment, and starts at now. */
const noDeed = { ask: undefined, of: undefined };
const anew = { deployment: undefined, at: undefined, base: undefined, ...noDeed };

function QuestionForm({ search, onChange }: FormProps): ReactElement {
  const { data: matrix } = useMatrix(undefined);
  const pick = (label: string) => ({ value: "", label, disabled: true });
  return (
    <search className="panel question-form">
      <NativeSelect
        label="Service"
        value={search.service ?? ""}
        onChange={(event) => onChange({ service: event.currentTarget.value, version: undefined, ...anew })}
        data={[pick("Choose a service"), ...choices(matrix?.services, search.service)]}
      />
      <SettledVersion key={`${search.service} ${search.version}`} search={search} onChange={onChange} />
      <NativeSelect
        label="Environment"
        value={search.environment ?? ""}
        onChange={(event) => onChange({ environment: event.currentTarget.value, ...anew })}
        data={[pick("Choose an environment"), ...choices(matrix?.environments, search.environment)]}
      />
      <NativeSelect
        label="Class"
        value={search.class ?? "normal"}
        onChange={(event) => onChange({ class: classes.find((one) => one === event.currentTarget.value), ...anew })}
        data={[...classes]}
      />
    </search>
  );
}

/** A link may name what is not there: the list shows that name too, since a browser would show the first of the others. */
function choices(
  known: readonly { readonly name: string }[] | undefined,
  chosen: string | undefined,
): readonly { readonly value: string; readonly label: string }[] {
  const names = (known ?? []).map(({ name }) => ({ value: name, label: name }));
  if (chosen === undefined || names.some(({ value }) => value === chosen)) return names;
  return [{ value: chosen, label: known === undefined ? chosen : `${chosen} (unknown)` }, ...names];
}

/** Half a version is no question: it is asked when it has been typed to its end. */
function SettledVersion({ search, onChange }: FormProps): ReactElement {
  const [text, setText] = useState(search.version ?? "");
  return (
    <VersionField
      service={search.service ?? ""}
      value={text}
      onChange={setText}
      onSettled={(version) => {
        if (version !== "" && version !== search.version) onChange({ version, ...anew });
      }}
    />
  );
}

interface AnswerProps {
  readonly question: Question;
  readonly search: QuestionSearch;
  readonly onSearch: (part: QuestionSearch) => void;
}

function Answer({ question, search, onSearch }: AnswerProps): ReactElement {
  const viewer = useViewer(null);
  const zone = useZoneOf(question.environment);
  const { data, error } = useVerdictAt(question, null, "");
  if (data === undefined) return error === null ? <Loading lines={8} /> : <ErrorNote error={error} />;
  const onAsk = (ask: string, of?: string): void => onSearch({ ask, of });
  const context = { zone, environment: question.environment, viewer, onAsk };
  const { service, version, environment } = question;
  return (
    <Panel
      title="Why"
      side={
        question.deployment === undefined ? (
          "a question: nobody's approval counts yet"
        ) : (
          <Link to="/deployments/$id" params={{ id: question.deployment }}>
            with what was decided on the deployment
          </Link>
        )
      }
    >
      <WhyPanel verdict={data} question={question} context={context} search={search} onSearch={onSearch} />
      <div className="row facts-command">
        {question.deployment === undefined && question.class === "normal" && may(viewer, "deployment.request") && (
          <Link to="/deployments" search={{ service, version, environment, request: "open" }} className="act-button">
            Deploy…
          </Link>
        )}
        <CommandLine command={whyCommand({ ...question, at: search.at })} />
      </div>
      <DeedDialog
        search={search}
        about={{ service, version, environment, deployment: null }}
        onClose={() => onSearch(noDeed)}
      />
    </Panel>
  );
}
