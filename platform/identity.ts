import { DataResource, TerraformResource } from "cdktf";
import { Construct } from "constructs";

/**
 * The id of a resource that others are made anew with, which name this one in their `replaceTriggeredBy`. Terraform looks
 * for changes there: a network that was lost is made, not changed, and this follows it by a change.
 */
export class Identity extends DataResource {
  constructor(scope: Construct, id: string, resource: TerraformResource & { readonly id: string }) {
    super(scope, id, { input: { id: resource.id } });
  }
}
