"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { setApiKey, stopAskingForKey } from "@/lib/credentials.ts";

/** The dialog for an API key, which stays in this page's memory alone. */
export function KeyForm() {
  const queries = useQueryClient();
  const keep = (form: FormData) => {
    const key = form.get("key");
    setApiKey(typeof key === "string" && key.trim() !== "" ? key.trim() : null);
    void queries.invalidateQueries();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && stopAskingForKey()}>
      <DialogContent
        title="This server wants a key"
        description="It is kept in this page's memory until you close or reload it, and sent to this server only."
      >
        <form action={keep} className="mt-5">
          <label className="block text-sm font-medium" htmlFor="api-key">
            API key
          </label>
          <input
            id="api-key"
            name="key"
            type="password"
            autoComplete="off"
            required
            className="mt-1.5 h-10 w-full rounded-md border border-edge bg-paper px-3 font-mono text-sm"
          />
          <div className="mt-5 flex justify-end gap-3">
            <DialogClose render={<Button variant="ghost">Not now</Button>} />
            <Button type="submit" variant="primary">
              Use this key
            </Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
