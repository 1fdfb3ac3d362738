import Link from "next/link";
import { PageTitle } from "@/components/shell/page-title.tsx";

/** What stands at an address without a view. */
export default function NotFound() {
  return (
    <PageTitle title="Page not found">
      <p>
        There is no page at this address.{" "}
        <Link href="/" prefetch={false} className="text-link">
          Go to the start page
        </Link>
        .
      </p>
    </PageTitle>
  );
}
