import { useState, type ReactElement } from "react";
import { Button, Checkbox, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { ErrorNote } from "#web/ui/widgets.tsx";
import { watchKey } from "./watch.ts";

/** A word of the watcher; only they are offered it. */
export function CheckInForm({ deployment }: { readonly deployment: string }): ReactElement {
  const queries = useQueryClient();
  const [sentence, setSentence] = useState("");
  const [isWell, setIsWell] = useState(true);
  const say = useMutation({
    mutationFn: () => answered(api.checkInOnWatch({ params: { id: deployment }, body: { isWell, sentence } })),
    onSuccess: async (watch) => {
      queries.setQueryData(watchKey(deployment), watch);
      setSentence("");
      await queries.invalidateQueries({ queryKey: ["inbox"] });
    },
  });
  return (
    <form
      className="stack"
      aria-label="Check in"
      onSubmit={(event) => {
        event.preventDefault();
        say.mutate();
      }}
    >
      <Textarea
        label="How does it do?"
        required
        maxLength={2000}
        value={sentence}
        onChange={(event) => setSentence(event.currentTarget.value)}
      />
      <Checkbox label="All is well" checked={isWell} onChange={(event) => setIsWell(event.currentTarget.checked)} />
      {say.error !== null && <ErrorNote error={say.error} />}
      <div>
        <Button type="submit" size="xs" loading={say.isPending}>
          Check in
        </Button>
      </div>
    </form>
  );
}
