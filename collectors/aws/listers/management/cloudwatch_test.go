package management

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

// The service speaks CBOR, which the simulator of AWS does not: answers made by hand stand in for it here.

// asCBOR writes a JSON text as CBOR. A number with a point is a floating one.
func asCBOR(t *testing.T, text string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		t.Fatal(err)
	}
	return string(cbor.Encode(cborValue(t, x)))
}

func cborValue(t *testing.T, x any) cbor.Value {
	t.Helper()
	switch x := x.(type) {
	case string:
		return cbor.String(x)
	case bool:
		return cbor.Bool(x)
	case json.Number:
		if n, err := x.Int64(); err == nil && n >= 0 {
			return cbor.Uint(n)
		}
		f, err := x.Float64()
		if err != nil {
			t.Fatal(err)
		}
		return cbor.Float64(f)
	case []any:
		list := make(cbor.List, len(x))
		for i := range x {
			list[i] = cborValue(t, x[i])
		}
		return list
	case map[string]any:
		m := cbor.Map{}
		for k, v := range x {
			m[k] = cborValue(t, v)
		}
		return m
	}
	return &cbor.Nil{}
}

// cborBodies is listertest.Bodies for answers written as JSON.
func cborBodies(t *testing.T, bodies ...string) listertest.Answer {
	t.Helper()
	encoded := make([]string, len(bodies))
	for i, b := range bodies {
		encoded[i] = asCBOR(t, b)
	}
	return listertest.Bodies(encoded...)
}

// cborRefusal is listertest.Refuse for this protocol.
func cborRefusal(t *testing.T, code string) listertest.Response {
	t.Helper()
	return listertest.Response{Status: http.StatusBadRequest, Body: asCBOR(t, `{"__type":"`+code+`","message":"refused"}`)}
}

const alarmARN = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:"

func TestAlarms(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::CloudWatch::Alarm")
	pages := cborBodies(
		t,
		`{"MetricAlarms":[{"AlarmName":"cpu","AlarmArn":"`+alarmARN+`cpu","AlarmDescription":"too hot","ActionsEnabled":true,
			"AlarmActions":["arn:aws:sns:eu-west-1:111122223333:pager"],"OKActions":[],"InsufficientDataActions":[],
			"Namespace":"AWS/EC2","MetricName":"CPUUtilization","Dimensions":[{"Name":"InstanceId","Value":"i-0abc"}],"Statistic":"Average","Unit":"Percent",
			"Period":300,"EvaluationPeriods":3,"DatapointsToAlarm":2,"Threshold":80.5,"ComparisonOperator":"GreaterThanThreshold",
			"TreatMissingData":"missing","StateValue":"OK"}],"CompositeAlarms":[],"NextToken":"more"}`,
		`{"MetricAlarms":[{"AlarmName":"refused","AlarmArn":"`+alarmARN+`refused"}],
			"CompositeAlarms":[{"AlarmName":"shop","AlarmArn":"`+alarmARN+`shop","AlarmRule":"ALARM(cpu)","ActionsEnabled":false,
			"ActionsSuppressor":"quiet","ActionsSuppressorWaitPeriod":60,"ActionsSuppressorExtensionPeriod":120}]}`,
	)
	asked := ""
	o := listertest.Run(t, l, listertest.Answers{
		"DescribeAlarms": func(n int, request string) listertest.Response {
			asked = request
			return pages(n, request)
		},
		"ListTagsForResource": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "alarm:cpu"):
				return listertest.Response{Body: asCBOR(t, `{"Tags":[{"Key":"owner","Value":"payments"}]}`)}
			case strings.Contains(request, "alarm:shop"):
				return listertest.Response{Body: asCBOR(t, `{"Tags":[]}`)}
			}
			return cborRefusal(t, "AccessDenied")
		},
	})
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	if !strings.Contains(asked, "MetricAlarm") || !strings.Contains(asked, "CompositeAlarm") {
		t.Error("one kind of alarm was not asked for")
	}
	a := o.Asset(t, alarmARN+"cpu")
	listertest.Attributes(t, a, map[string]string{
		"AlarmName": `"cpu"`, "ActionsEnabled": "true", "AlarmActions": `["arn:aws:sns:eu-west-1:111122223333:pager"]`, "OKActions": "[]",
		"Namespace": `"AWS/EC2"`, "MetricName": `"CPUUtilization"`, "Dimensions": `[{"Name":"InstanceId","Value":"i-0abc"}]`, "Statistic": `"Average"`,
		"Period": "300", "EvaluationPeriods": "3", "DatapointsToAlarm": "2", "Threshold": "80.5", "ComparisonOperator": `"GreaterThanThreshold"`,
		"TreatMissingData": `"missing"`, "ExtendedStatistic": "null",
	})
	listertest.Tag(t, a, "owner", "payments")
	shop := o.Asset(t, alarmARN+"shop")
	if shop.Type != "AWS::CloudWatch::CompositeAlarm" {
		t.Errorf("type %s", shop.Type)
	}
	listertest.Attributes(t, shop, map[string]string{
		"AlarmRule": `"ALARM(cpu)"`, "ActionsEnabled": "false", "ActionsSuppressor": `"quiet"`, "ActionsSuppressorWaitPeriod": "60",
	})
	if shop.Tags.State() != inventory.Known || shop.Tags.Len() != 0 {
		t.Errorf("tags of an alarm without tags: %v", shop.Tags)
	}
	if got := o.Asset(t, "refused").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags that were refused are %s", got)
	}
}

func TestAlarmsRefused(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::CloudWatch::Alarm")
	o := listertest.Run(t, l, listertest.Answers{
		"DescribeAlarms": func(int, string) listertest.Response { return cborRefusal(t, "AccessDenied") },
	})
	if o.Err == nil || !strings.Contains(o.Err.Error(), "AccessDenied") || len(o.Assets) != 0 {
		t.Errorf("error %v, %d assets", o.Err, len(o.Assets))
	}
}

func TestDashboards(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::CloudWatch::Dashboard")
	o := listertest.Run(t, l, listertest.Answers{
		"ListDashboards": cborBodies(
			t,
			`{"DashboardEntries":[{"DashboardName":"Shop","DashboardArn":"arn:aws:cloudwatch::111122223333:dashboard/Shop","Size":12}],"NextToken":"more"}`,
			`{"DashboardEntries":[{"DashboardName":"Refused"}]}`,
		),
		"ListTagsForResource": func(_ int, request string) listertest.Response {
			if strings.Contains(request, "dashboard/Shop") {
				return listertest.Response{Body: asCBOR(t, `{"Tags":[{"Key":"owner","Value":"payments"}]}`)}
			}
			return cborRefusal(t, "AccessDenied")
		},
	})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, "arn:aws:cloudwatch::111122223333:dashboard/Shop")
	listertest.Attributes(t, a, map[string]string{"DashboardName": `"Shop"`})
	listertest.Tag(t, a, "owner", "payments")
	if got := o.Asset(t, "arn:aws:cloudwatch::111122223333:dashboard/Refused").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags that were refused are %s", got)
	}
}
