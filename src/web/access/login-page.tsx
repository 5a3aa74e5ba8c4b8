import { useEffect, useRef, useState, type ReactElement, type SubmitEvent } from "react";
import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { answered, api } from "#web/api.ts";
import { Icon } from "#web/ui/icons.tsx";
import { CommandLine, ErrorNote } from "#web/ui/widgets.tsx";
import { safeNext } from "./session.ts";
import "./login.css";

/** A token for a session: the cookie is the server's, this page keeps nothing. */
export function LoginPage(): ReactElement {
  const { next } = useSearch({ from: "/login" });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [token, setToken] = useState("");
  const field = useRef<HTMLInputElement>(null);
  // The page is one field: whoever comes here wants to fill it.
  useEffect(() => field.current?.focus(), []);
  const logIn = useMutation({
    mutationFn: () => answered(api.logIn({ body: { token: token.trim() } })),
    onSuccess: async (me) => {
      queries.clear();
      queries.setQueryData(["me"], me);
      await navigate({ href: safeNext(next), replace: true });
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (token.trim() !== "") logIn.mutate();
  };
  return (
    <main className="login" id="main">
      <title>Log in · Tidegate</title>
      <form className="panel login-card" onSubmit={submit}>
        <span className="brand">
          <Icon name="gate" />
          Tidegate
        </span>
        <h1>Log in</h1>
        <PasswordInput
          label="Token"
          description="A token of yours; it is exchanged for a session and not kept in this browser."
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          autoComplete="current-password"
          ref={field}
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ "aria-label": "Show the token", tabIndex: 0 }}
        />
        {logIn.error !== null && <ErrorNote error={logIn.error} />}
        <Button type="submit" loading={logIn.isPending} fullWidth>
          Log in
        </Button>
        <NoToken />
      </form>
    </main>
  );
}

function NoToken(): ReactElement {
  return (
    <>
      <p className="small dim">
        No token? Ask whoever runs Tidegate. On its machine this issues one; it says the state folder when it starts.
      </p>
      <CommandLine command="./bin/tidegate issue-token --account ACCOUNT" />
    </>
  );
}
