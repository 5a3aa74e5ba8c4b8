import type { ReactElement } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { ReasonDialog } from "#web/ui/reason-dialog.tsx";
import { redOf, sayEnd, watchKey, type Watch } from "./watch.ts";

interface DialogProps {
  readonly watch: Watch;
  readonly onClose: () => void;
}

/** Ends it by name, with what is not green in view. */
export function EndWatchDialog({ watch, onClose }: DialogProps): ReactElement {
  const queries = useQueryClient();
  const id = watch.deployment;
  const end = useMutation({
    mutationFn: (reason: string) => answered(api.endLiveWatch({ params: { id }, body: { reason } })),
    onSuccess: async (ended) => {
      queries.setQueryData(watchKey(id), ended);
      onClose();
      await queries.invalidateQueries({ queryKey: ["inbox"] });
    },
  });
  const red = redOf(watch.stabilisation?.criteria ?? []);
  return (
    <ReasonDialog
      title="End the watch"
      subject={`${watch.service} ${watch.version} in ${watch.environment}`}
      consequence={sayEnd(watch)}
      reason="required"
      confirm="End it"
      tone="bad"
      isBusy={end.isPending}
      error={end.error}
      onConfirm={(reason) => end.mutate(reason ?? "")}
      onClose={onClose}
    >
      {red.length > 0 && (
        <ul aria-label="Not green">
          {red.map(({ name, sentence }) => (
            <li key={name}>{sentence}</li>
          ))}
        </ul>
      )}
    </ReasonDialog>
  );
}
