package template

// Condition answers a named condition.
func (e *Evaluator) Condition(name string) Truth {
	if t, ok := e.conditions[name]; ok {
		return t
	}
	n := e.template.conditions.Get(name)
	if n == nil || e.open[name] { // conditions in a ring are refused by CloudFormation
		return Undecided
	}
	e.open[name] = true
	t := e.truth(n, 0)
	delete(e.open, name)
	e.conditions[name] = t
	return t
}

// truth works out the expression of a condition.
func (e *Evaluator) truth(n *Node, depth int) Truth {
	if e.work++; e.work > mostWork || depth > mostDepth {
		return Undecided
	}
	name, argument, ok := n.call()
	if !ok {
		return Undecided
	}
	switch name {
	case "Condition":
		return e.Condition(argument.text())
	case "Fn::Equals":
		return e.equals(argument)
	case "Fn::Not":
		if argument.Kind == List && len(argument.Items) == 1 {
			return e.truth(argument.Items[0], depth+1).not()
		}
	case "Fn::And":
		return e.all(argument, depth, No)
	case "Fn::Or":
		return e.all(argument, depth, Yes)
	}
	return Undecided
}

func (e *Evaluator) equals(argument *Node) Truth {
	if argument.Kind != List || len(argument.Items) != 2 {
		return Undecided
	}
	a, b := e.Value(argument.Items[0]), e.Value(argument.Items[1])
	if !Known(a) || !Known(b) {
		return Undecided
	}
	x, isScalar := ScalarText(a)
	y, both := ScalarText(b)
	if isScalar && both {
		return truthOf(x == y)
	}
	return truthOf(same(a, b))
}

// all answers Fn::And and Fn::Or, which one answer alone decides.
func (e *Evaluator) all(argument *Node, depth int, decisive Truth) Truth {
	if argument.Kind != List || len(argument.Items) == 0 {
		return Undecided
	}
	out := decisive.not()
	for _, item := range argument.Items {
		switch t := e.truth(item, depth+1); t {
		case decisive:
			return decisive
		case Undecided:
			out = Undecided
		}
	}
	return out
}
