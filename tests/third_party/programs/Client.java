// The JDK's HttpClient as it is: it prefers HTTP/2, so over plain HTTP it offers an upgrade to h2c.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.regex.Pattern;

public class Client {
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    public static void main(String[] arguments) throws Exception {
        var clip = Path.of(arguments[0]);
        var requests = arguments[1] + "/requests";
        var authorization = arguments[2];

        var body = "{\"model\": \"Kling-Text2Video-V1.6-Standard\", \"payload\": {\"prompt\": \"A paper boat\"}}";
        var submit = HttpRequest.newBuilder(URI.create(requests))
            .header("Authorization", authorization)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
        var id = member(text(submit), "request_id");
        System.out.println("submit");

        var record = "";
        for (var status = ""; !status.equals("success"); status = member(record, "status")) {
            if (status.equals("failed")) throw new IllegalStateException(record);
            Thread.sleep(200);
            record = text(HttpRequest.newBuilder(URI.create(requests + "/" + id)).header("Authorization", authorization));
        }
        System.out.println("poll");

        var link = HttpRequest.newBuilder(URI.create(member(record, "video_url"))).build();
        var answer = CLIENT.send(link, HttpResponse.BodyHandlers.ofFile(clip));
        if (answer.statusCode() != 200) throw new IllegalStateException("the clip: " + answer);
        System.out.println("clip");
    }

    static String text(HttpRequest.Builder request) throws Exception {
        var answer = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        return answer.body();
    }

    static String member(String json, String name) {
        var match = Pattern.compile("\"" + name + "\":\\s*\"([^\"]*)\"").matcher(json);
        if (!match.find()) throw new IllegalStateException("no " + name + " in " + json);
        return match.group(1);
    }
}
