// Package drift holds the rules that compare what code declares with what is there: drift/changed, drift/missing,
// drift/unapplied, drift/unmanaged, drift/orphan and drift/declared-twice.
//
// Each rule answers yes, no or unknown. Something is missing only where every observed scope that would hold it was
// read whole; something is unmanaged only once every declared scope was read; two values differ only if both were read,
// and in this scan. Whatever else is the case is unknown, with the scope that is to blame.
//
// Code coverage counts a thing once, at its root. drift/unmanaged and drift/orphan carry its verdicts:
//
//   - what is observed and declared passes, what is observed and not declared fails;
//   - what belongs to something else that is known (by a relation managed-by, member-of or attached-to) is counted there: the
//     instances of a declared group are managed, those of an undeclared group are one finding, on the group. A volume
//     that outlives its instance (DeleteOnTermination is false) does not belong to it;
//   - a part (relation part-of: a rule, a route, an attachment) of a declared thing must be declared itself, so that a rule
//     added by hand to a declared security group shows. A part of an undeclared thing is counted at that thing. Declared
//     parts do not count: there are as many of them as somebody likes to write;
//   - what can neither carry tags nor cost money is not counted unless it is such a part;
//   - provider defaults, and what a controller's or an unread tool's tags mark as its own, are suppressed with that reason.
//
// A mark of a tool that declares (a CloudFormation stack, Pulumi, goog-terraform-provisioned) tells more. With a source of
// that tool, all of whose scopes were read, and no declaration, the asset is an orphan: its stack is gone and it stayed.
// If a scope of that tool was not read it is unknown. Without a source of the tool the asset is managed by something that
// nobody here can read, which is neither managed nor unmanaged: it is suppressed, and the reason names the tool.
package drift
